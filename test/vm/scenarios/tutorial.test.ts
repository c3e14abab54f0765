// The tutorial, typed as it stands in docs/tutorial.md: on kernels that have what it needs, from a package and a blank disk to a power cut. Each section begins
// where the last one ended.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { splitWords } from '../../../src/spec/words.js'
import { clusterOn, type Cluster } from '../../scenarios/cluster.js'
import { until } from '../../scenarios/failure.js'
import { byNode, steady } from '../../scenarios/screen.js'
import { ADDRESS, TUTORIAL } from '../../scenarios/tutorial.js'
import { openMachines, type Machines } from '../index.js'
import { says, sectionsOf, type Step } from '../walkthrough.js'

const TEXT = readFileSync(join(import.meta.dirname, '../../../docs/tutorial.md'), 'utf8')
const PATIENT_MS = 120_000

let machines: Machines
let cluster: Cluster
let token = ''

beforeAll(async () => {
  machines = await openMachines({ name: 'tutor', installed: false })
  cluster = clusterOn(machines)
  await machines.disk('512M')
})
afterAll(() => machines.down())

interface Said {
  readonly exit: number
  readonly text: string
}

async function typed(host: string, line: string): Promise<Said> {
  const command = line.replace('TOKEN', token)
  const { exit, stdout, stderr } =
    host === 'client'
      ? await machines.outside(splitWords(command) ?? [])
      : await machines.node(host).exec(['bash', '-c', `cd /root; ${command}`], { timeoutMs: 300_000 })
  if (command === 'om cluster token') token = stdout.trim()
  return { exit: exit ?? 1, text: stdout + stderr }
}

async function take(step: Step): Promise<void> {
  if (step.kind === 'power') {
    const node = machines.node(step.host)
    await (step.on ? node.boot() : node.crash())
    return
  }
  const { host, command, answer, patient } = step
  const agrees = ({ exit, text }: Said): boolean => exit === 0 && says(text, answer)
  let said = await typed(host, command)
  const again = async (): Promise<boolean> => {
    if (!agrees(said)) said = await typed(host, command)
    return agrees(said)
  }
  if (patient) await until(command, again, PATIENT_MS).catch(() => undefined)
  // the whole of both, where they differ
  if (!agrees(said))
    expect({ exit: said.exit, text: said.text.trim() }, `${host}# ${command}`).toEqual({
      exit: 0,
      text: answer,
    })
}

const mounted = async (node: number): Promise<boolean> =>
  (await cluster.type(node, 'findmnt /srv/db1/data')).exit === 0
const tags = (node: number): Promise<string> => cluster.done(node, 'vgs --noheadings -o vg_tags db1')

/** What the page does not show. */
const besides: Readonly<Record<string, () => Promise<void>>> = {
  'Deploy the service': async () => {
    expect(TEXT).toContain(TUTORIAL)
    expect(await cluster.done(2, `ping -c 1 -W 5 ${ADDRESS}`)).toContain('1 received')
    const inside = 'nsenter -t $(docker inspect -f "{{.State.Pid}}" db1.container.0) -n'
    expect(await cluster.done(1, `${inside} ip -d link show eth0`)).toContain('ipvlan  mode l2')
  },
  'Move it': async () => {
    expect(await mounted(1)).toBe(false)
    expect(await tags(1)).not.toContain('node1')
  },
  'Read what happened': async () => {
    const lines = await cluster.log('db1')
    const told = lines.slice(lines.findIndex((line) => line.includes('target state set to placed@node2')))
    // asked beside everything else, so that its answer may stand anywhere
    const isCheck = (line: string): boolean => line.includes('addresses checked')
    expect(told.filter(isCheck)).toEqual([expect.stringContaining('node2.db1')])
    const rest = told.filter((line) => !isCheck(line))
    await expect(steady(byNode(rest))).toMatchFileSnapshot('golden/tutorial-switch-log.txt')
  },
  'Let it move by itself': async () => {
    expect(await mounted(1)).toBe(true)
    expect(await tags(1)).not.toContain('node2')
  },
  'The machine comes back': async () => {
    expect(await mounted(2)).toBe(false)
    expect(await cluster.upOn('db1', 2)).toEqual(['node1'])
    const lines = await cluster.log('db1')
    const lost = lines.findLastIndex(
      (line) => line.includes('do start --local') && line.includes('node1.db1'),
    )
    expect(lost).toBeGreaterThan(0)
    expect(
      lines.slice(lost).filter((line) => / node2\.db1 .* do (?:start|stop|prepare) /.test(line)),
      'node2 has not even begun anything',
    ).toEqual([])
  },
}

describe('the tutorial, section by section', () => {
  const sections = sectionsOf(TEXT)
  test.each(sections)('$heading', async ({ heading, steps }) => {
    for (const step of steps) await take(step)
    await besides[heading]?.()
  })

  test('has every section that is looked at more closely', () => {
    expect(sections.map(({ heading }) => heading)).toEqual(expect.arrayContaining(Object.keys(besides)))
  })
})
