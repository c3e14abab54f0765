import { expect, test } from 'vitest'
import { asRun } from '../../bench/by-hand.js'
import { lastSwitch } from '../../bench/switch-log.js'

const LOG = `
10:00:00,000 node1.db1              INFO   service db1 target state set to placed@node2
10:00:01,000 node1.db1.disk#1       INFO   lvchange -a n db1/data
10:00:01,100 node1.db1.disk#0       INFO   vgchange --deltag @node1 --deltag longshore.generation=7 db1
10:00:01,200 node2.db1.disk#0       INFO   vgchange --addtag @node2 --addtag longshore.generation=8 db1
10:00:01,300 node2.db1.disk#0       INFO   vgchange -a y db1
10:00:01,400 node2.db1.disk#1       INFO   lv db1/data is already up
10:00:02,000 node1.db1              INFO   service db1 target state placed@node2 met: up on node2
`

/** What a service is measured by, without what only its own benchmark needs. */
const service = (name: string, disk: string): Parameters<typeof asRun>[2] =>
  ({ name, disk, address: '10.0.0.1' }) as Parameters<typeof asRun>[2]

test('by hand those commands of LVM are typed that the agent ran on that node, and everything else', () => {
  const commands = {
    prepare: 'docker run --name=hand1.container.0 google/pause',
    stop: [
      'docker stop hand1.container.1',
      'umount /srv/hand1',
      'lvchange -a n hand1/data',
      'vgchange -a n hand1',
      'vgchange --deltag @node1 hand1',
      'docker rm hand1.container.1',
    ].join('\n'),
    start: [
      'vgchange --deltag @node1 hand1',
      'vgchange --addtag @node2 --addtag byhand.generation=1 hand1',
      'vgchange -a y hand1',
      'lvchange -a y hand1/data',
      'mount /dev/hand1/data /srv/hand1',
    ].join('\n'),
  }
  const [of, copy] = [service('db1', '/dev/a'), service('hand1', '/dev/b')]
  expect(asRun(commands, lastSwitch(LOG), of, copy, { from: 'node1', to: 'node2' })).toEqual({
    prepare: 'docker run --name=hand1.container.0 google/pause',
    stop: [
      'docker stop hand1.container.1',
      'umount /srv/hand1',
      'lvchange -a n hand1/data',
      'vgchange --deltag @node1 hand1',
      'docker rm hand1.container.1',
    ].join('\n'),
    start: [
      'vgchange --addtag @node2 --addtag byhand.generation=1 hand1',
      'vgchange -a y hand1',
      'mount /dev/hand1/data /srv/hand1',
    ].join('\n'),
  })
})
