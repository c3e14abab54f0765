import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { setTimeout as sleep } from 'node:timers/promises'
import { openStage, until, type Stage } from './failure.js'
import { agent, AGENT, installAgent } from '../lab/power-switch.js'
import { powerSwitch } from './power-switch.js'

const broken = '#!/bin/sh\necho the switch does not answer >&2\nexit 1\n'

let stage: Stage
beforeAll(async () => {
  stage = await openStage('fence', { docker: false })
  for (const node of stage.lab.nodes) await installAgent(node, agent)
  await stage.mustOm(1, `cluster set --kw stonith#node1.agent=${AGENT} --kw stonith#node2.agent=${AGENT}`)
  await stage.deploy('f1', { DEFAULT: { orchestrate: 'ha', nodes: 'node1 node2' }, 'fs#1': { type: 'flag' } })
})
afterAll(() => stage?.end())

const noteOn = async (node: number): Promise<string> => (await stage.service(node, 'f1')).why ?? ''

describe('a node that falls silent', () => {
  it('is powered off before its service starts elsewhere, and the log says on whose word', async () => {
    await stage.lab.isolate(1)
    await powerSwitch(stage.lab, 2, 1)
    await stage.settles(2, 'f1', [null, 'up'])
    expect(await stage.logs(2, 'f1')).toContain(
      'node1 was powered off: /usr/local/sbin/fence_lab says that it is off',
    )
    await stage.repair()
    await stage.settles(2, 'f1', ['down', 'up'])
  })

  it('and cannot be powered off keeps its service: nothing starts on silence alone, and the status says why', async () => {
    await installAgent(stage.lab.node(1), broken)
    await stage.lab.isolate(2)
    await until('node1 says why', async () => (await noteOn(1)).includes('could not be powered off'))
    expect(await noteOn(1)).toContain(
      'the switch does not answer; mend its fencing agent, or if it is off run: om node confirm-off node2',
    )
    await sleep(2000)
    expect((await stage.instance(1, 'f1', 1)).avail).toBe('down')
    await stage.repair()
    await stage.settles(1, 'f1', ['down', 'up'])
  })

  it('by hand: om node fence', async () => {
    await installAgent(stage.lab.node(1), agent)
    const fencing = stage.mustOm(1, 'node fence node2 --yes')
    await powerSwitch(stage.lab, 1, 2)
    expect(await fencing).toBe('node node2 is off: /usr/local/sbin/fence_lab says that it is off\n')
    await stage.settles(1, 'f1', ['up', null])
  })
})
