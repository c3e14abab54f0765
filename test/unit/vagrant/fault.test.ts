import { describe, expect, test } from 'vitest'
import { fault } from './tools.js'

const inside = (node: string): string => `vagrant ssh ${node} --command sudo bash -c `

describe('with libvirt', () => {
  test.each([
    ['crash node1', ['up'], ['virsh --quiet destroy id-1']],
    ['crash node1', ['paused'], ['virsh --quiet destroy id-1']],
    ['boot node2', ['up', 'down'], ['virsh --quiet start id-2']],
    ['pause node1', ['up'], ['virsh --quiet suspend id-1']],
    ['resume node1', ['paused'], ['virsh --quiet resume id-1']],
    [
      'isolate node2',
      ['up', 'up'],
      [
        'virsh --quiet domif-setlink id-2 02:00:00:00:00:02 down',
        'virsh --quiet domif-setlink id-2 02:00:00:00:01:02 down',
      ],
    ],
  ] as const)('%s, which are %j', async (words, states, calls) => {
    expect(await fault({ states }, words.split(' '))).toEqual({ exit: 0, stdout: '', stderr: '', calls })
  })

  test('status', async () => {
    const { stdout } = await fault({ states: ['up', 'paused', 'down'] }, ['status'])
    expect(stdout.split('\n')).toEqual([
      'node1  up  192.168.100.101',
      'node2  paused  192.168.100.102',
      'node3  down  192.168.100.103',
    ])
  })
})

describe('with VirtualBox', () => {
  const provider = 'virtualbox'
  test.each([
    ['crash node1', ['up'], ['VBoxManage controlvm id-1 poweroff']],
    ['boot node1', ['down'], ['VBoxManage startvm id-1 --type headless']],
    ['pause node1', ['up'], ['VBoxManage controlvm id-1 pause']],
    ['resume node1', ['paused'], ['VBoxManage controlvm id-1 resume']],
    [
      'isolate node1',
      ['up'],
      ['VBoxManage controlvm id-1 setlinkstate2 off', 'VBoxManage controlvm id-1 setlinkstate3 off'],
    ],
  ] as const)('%s, which are %j', async (words, states, calls) => {
    expect(await fault({ provider, states }, words.split(' '))).toEqual({
      exit: 0,
      stdout: '',
      stderr: '',
      calls,
    })
  })

  test('status', async () => {
    const { stdout } = await fault({ provider, states: ['paused', 'down'] }, ['status'])
    expect(stdout.split('\n')).toEqual(['node1  paused  192.168.100.101', 'node2  down  192.168.100.102'])
  })
})

describe('in the nodes', () => {
  const states = ['up', 'up', 'up'] as const

  test.each([
    ['cut node1 node3', 'bond0 eth1'],
    ['cut node1 node3 --net 0', 'bond0'],
    ['cut node1 node3 --net 1', 'eth1'],
  ])('%s', async (words, cards) => {
    const { calls } = await fault({ states }, words.split(' '))
    expect(calls.map((call) => call.slice(0, inside('node1').length))).toEqual([
      inside('node1'),
      inside('node3'),
    ])
    for (const [i, other] of ['03', '01'].entries()) {
      const wanted = cards
        .split(' ')
        .map(
          (card) =>
            `rule netdev fault ${card} ether saddr 02:00:00:00:0${card === 'bond0' ? 0 : 1}:${other} drop`,
        )
      const rules = calls[i]?.replaceAll('\\', '').match(/rule netdev [^;']+/g)
      expect(rules).toEqual(wanted)
    }
  })

  test('heal plugs every cable in and ends every cut; a node that is down has none', async () => {
    const { calls } = await fault({ states: ['up', 'down'] }, ['heal'])
    expect(calls.slice(0, 2)).toEqual([
      'virsh --quiet domif-setlink id-1 02:00:00:00:00:01 up',
      'virsh --quiet domif-setlink id-1 02:00:00:00:01:01 up',
    ])
    expect(calls.slice(2).map((call) => call.replaceAll('\\', ''))).toEqual([
      `${inside('node1')}nft delete table netdev fault 2>/dev/null || true of 2`,
    ])
  })

  test.each([
    ['kill-daemon', /--kill-whom=main.*--signal=KILL.*longshore\.service.* of 3$/s],
    ['start-daemon', /systemctl start longshore\.service of 3$/],
    ['stop-daemon', /systemctl stop longshore\.service of 3$/],
  ])('%s', async (command, said) => {
    const { calls } = await fault({ states }, [command, 'node2'])
    const call = calls.join('\n').replaceAll('\\', '')
    expect(call.startsWith(inside('node2'))).toBe(true)
    expect(call).toMatch(said)
  })
})

describe('one sentence, and nothing done', () => {
  test.each([
    ['crash node4', {}, 'there is no node "node4": "vagrant up" makes the nodes, "fault status" lists them'],
    ['status', { states: [] }, 'there are no nodes: "vagrant up" makes them'],
    ['crash node1', { states: ['down'] }, 'node1 is down: boot it with "fault boot node1"'],
    ['boot node1', {}, 'node1 is up already: crash it first with "fault crash node1"'],
    ['boot node1', { states: ['paused'] }, 'node1 is paused: let it go on with "fault resume node1"'],
    ['pause node1', { states: ['paused'] }, 'node1 is paused: let it go on with "fault resume node1"'],
    ['resume node1', {}, 'node1 is not paused: "fault status" says how it is'],
    ['cut node1 node1', {}, 'node1 cannot be cut from itself: name two nodes'],
    ['cut node1 node2', { states: ['up', 'down'] }, 'node2 is down: boot it with "fault boot node2"'],
    [
      'heal',
      { states: ['paused'] },
      'node1 is paused, and may be cut off: let it go on with "fault resume node1", then heal again',
    ],
    ['crash node1', { tools: [] }, 'virsh is missing: it comes with the package libvirt-clients'],
    ['status', { tools: [] }, 'virsh is missing: it comes with the package libvirt-clients'],
    [
      'crash node1',
      { tools: ['virsh'], provider: 'virtualbox' },
      'VBoxManage is missing: it comes with VirtualBox',
    ],
    ['kill-daemon node1', { tools: ['virsh'] }, 'vagrant is missing: the package vagrant has it'],
  ] as const)('%s, %j', async (words, nodes, sentence) => {
    const said = await fault({ states: ['up', 'up'], ...nodes }, words.split(' '))
    expect(said).toEqual({ exit: 1, stdout: '', stderr: `fault: ${sentence}`, calls: [] })
  })

  test.each([
    '',
    'crash',
    'crash node1 node2',
    'cut node1',
    'cut node1 node2 --net 2',
    'heal node1',
    'break node1',
  ])('“%s” is answered with all commands', async (words) => {
    const said = await fault({ states: ['up', 'up'] }, words === '' ? [] : words.split(' '))
    expect([said.exit, said.stdout, said.calls]).toEqual([1, '', []])
    expect(said.stderr).toMatch(/^fault COMMAND:\n {2}crash NODE/)
  })
})
