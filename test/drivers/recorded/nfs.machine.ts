import { expect, test } from 'vitest'
import { fsNfs } from '../../../src/resources/fs/mount/driver.js'
import { act, conforms, look } from '../conformance.js'
import { run } from '../machine.js'
import { testNode } from '../node.js'
import { resource, service } from '../sample.js'

// A real NFS server on the machine itself, see nfs-server.sh.
const dev = process.env['LONGSHORE_TEST_EXPORT'] ?? 'localhost:/'

conforms('fs.nfs', {
  driver: fsNfs,
  label: `nfs ${dev}@DIR/point`,
  tool: 'mount',
  prepare: async (directory) => ({
    resource: resource('fs#1', 'nfs', { dev, mnt: `${directory}/point`, mnt_opt: 'vers=4.2,soft' }),
  }),
})

test('a server that is gone is a warning within the time limit, and the mount can still be stopped', async () => {
  const node = testNode([fsNfs])
  const keywords = { dev, mnt: `${node.directory}/point`, mnt_opt: 'vers=4.2', stat_timeout: 2_000 }
  const of = service([resource('fs#1', 'nfs', keywords)])
  expect(await act('start', node, of)).toBeNull()
  run('rpc.nfsd', '0')
  const seen = await look(node, of)
  expect([seen.status, seen.messages[0]?.text]).toEqual([
    'warn',
    `${node.directory}/point does not answer within 2s`,
  ])
  run('rpc.nfsd', '--no-nfs-version', '3', '2')
  expect(await act('stop', node, of)).toBeNull()
  node.remove()
})
