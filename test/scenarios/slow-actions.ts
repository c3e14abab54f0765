// Something behind the process that is watched that takes its time to start and to stop, so that there is a middle in which things break.
import { until } from './failure.js'
import type { Trial } from './trial.js'

const HANG = '/run/hang'
const LATE = '/run/late'
/** Its stop does not end while `HANG` is there; where `LATE` is, it takes longer than a lease to say whether it runs. */
const SLOW = `#!/bin/sh
case $1 in
start) sleep 1.5; touch /run/slow ;;
stop) while test -e ${HANG}; do sleep 0.1; done; sleep 1.5; rm -f /run/slow ;;
check) if test -e ${LATE}; then sleep 4; fi; test -e /run/slow ;;
esac
`
const slow = '/usr/local/bin/slow'

/** Adds it to the service, as `app#2`, and starts it. */
export async function slowActions({ stage, runners }: Trial, more: readonly string[] = []): Promise<void> {
  for (const n of runners) {
    await stage.lab.node(n).run(['sh', '-c', `cat >${slow}; chmod 755 ${slow}`], { input: SLOW })
  }
  const scripts = ['start', 'stop', 'check'].map((word) => `${word}=${slow} ${word}`)
  const keywords = ['type=forking', ...scripts, ...more].flatMap((keyword) => ['--kw', `app#2.${keyword}`])
  await stage.lab.node(1).run(['om', 'ha1', 'set', ...keywords])
  await stage.mustOm(1, 'ha1 stop --wait')
  await stage.mustOm(1, 'ha1 start --wait')
}

/** Stops on this node hang until `going` is called. */
export async function hangStops({ stage }: Trial, node: number): Promise<{ going: () => Promise<string> }> {
  await stage.lab.node(node).run(['touch', HANG])
  return { going: () => stage.lab.node(node).run(['rm', HANG]) }
}

/** Looks at the service on this node take longer than a lease until `over` is called. */
export async function slowLooks({ stage }: Trial, node: number): Promise<{ over: () => Promise<string> }> {
  await stage.lab.node(node).run(['touch', LATE])
  return { over: () => stage.lab.node(node).run(['rm', LATE]) }
}

/** Waits until the others see the instance on this node so. */
export const begins = ({ stage, runners }: Trial, node: number, state: string): Promise<void> =>
  until(`node${node} is ${state}`, async () => {
    const asked = runners.find((n) => n !== node) ?? node
    return (await stage.instance(asked, 'ha1', node)).monitor === state
  })
