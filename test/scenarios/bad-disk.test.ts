import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterEach, expect, test } from 'vitest'
import { Alone, until } from './alone.js'

const FLAG = 'DEFAULT:\n  nodes: "*"\nfs#1:\n  type: flag\n'
const FULL =
  /^the store \S+\/var\/lib\/longshore\/state\.db cannot be written: the disk is full: free some space there$/
const SMALL = 'mount -t tmpfs -o size=3m tmpfs $VAR'

let node: Alone | null = null

afterEach(async () => {
  await node?.end()
  node = null
})

test('a disk that fills up: changes are refused, what runs stays, and all goes on once there is space', async () => {
  const full = (node = new Alone({ name: 'full', before: SMALL }))
  await full.start()
  await full.done('cluster init')
  await full.done('db1 deploy --config=- --wait', FLAG)
  const before = await full.done('db1 print config')
  fill(full)

  for (const words of [
    'db1 set --kw orchestrate=ha',
    'db1 stop',
    'db1 stop --local',
    'db1 freeze',
    'db1 freeze --local',
    'node freeze',
    'cluster set --kw node.max_parallel=3',
    'cluster token',
  ]) {
    expect(await full.refused(words), words).toMatch(FULL)
  }
  expect(await full.refused('db2 deploy --config=-', FLAG)).toMatch(FULL)

  expect(await full.done('db1 print status')).toMatch(/full +up +idle, started/)
  expect(await full.done('db1 print config')).toBe(before)
  expect(JSON.parse(await full.done('mon --format json'))).toMatchObject({ services: [{ name: 'db1' }] })
  expect(full.output).toMatch(
    /ERROR +the store .* the disk is full: free some space there; services stay as they are, and nothing that must be remembered/,
  )
  expect(full.output.split('the disk is full').length, 'it is said once').toBe(2)
  await until('the log says that lines are missing', async () =>
    (await full.done('db1 logs')).includes("could not be kept (omd's own output has them)"),
  )

  rmSync(full.inside('var/fill'))
  await full.done('db1 set --kw orchestrate=ha')
  await full.done('db1 stop --wait')
  expect(full.output).toContain('the store can be written again')
  expect(await full.done('node logs')).toMatch(/earlier log lines were lost/)
})

test('what ends while the disk is full is restarted in place all the same', async () => {
  const full = (node = new Alone({ name: 'full', before: SMALL }))
  await full.start()
  await full.done('cluster init')
  await full.done('cluster set --kw node.status_interval=1s')
  await full.done('db1 deploy --config=- --wait', `${FLAG}  restart: 3\n`)
  const flag = full.inside('run/longshore/flags/db1/fs#1.flag')
  fill(full)
  rmSync(flag)
  await until('it is there again', () => existsSync(flag))
  expect(await full.done('db1 print status')).toMatch(/full +up +idle, started/)
})

test('a disk that is full at init: nothing is left, and the second try succeeds', async () => {
  const full = (node = new Alone({ name: 'full', before: SMALL }))
  await full.start()
  fill(full)
  expect(await full.refused('cluster init')).toMatch(
    /no space left on device: free some space|the disk is full/,
  )
  expect(await full.refused('db1 start')).toMatch(
    /^this node belongs to no cluster: run 'om cluster init' here/,
  )
  expect(readdirSync(full.inside('var/lib/longshore')).filter((file) => !/\.db/.test(file))).toEqual([])
  rmSync(full.inside('var/fill'))
  await full.done('cluster init')
})

test('a daemon that cannot begin says why and ends', async () => {
  const bad = (node = new Alone({ name: 'bad' }))
  const starts = async (before: string): Promise<string> => {
    const from = bad.output.length
    expect(await bad.start({ ends: true, before })).toBe(1)
    return bad.output.slice(from).trimEnd()
  }
  expect(await starts('mount -t tmpfs -o ro tmpfs $VAR')).toMatch(
    /^omd: the directory \S+\/var\/lib cannot be made: read-only file system: mount the filesystem read-write and try again$/,
  )
  expect(await starts(`${SMALL}; dd if=/dev/zero of=$VAR/fill bs=4k 2>&-`)).toMatch(
    /^omd: .*(no space left on device|the disk is full): free some space there/,
  )
  const garbage = 'mkdir -p $VAR/lib/longshore; head -c 9000 /dev/urandom >$VAR/lib/longshore/state.db'
  expect(await starts(garbage)).toMatch(
    /^omd: the store \S+\/state\.db is damaged: move \S+\/state\.db\* and \S+\/certificates away and let this node join its cluster again$/,
  )
})

test('a store with what this version does not understand: omd says what and ends, and goes on once it is as it was', async () => {
  const bad = (node = new Alone({ name: 'bad' }))
  await bad.start()
  await bad.done('cluster init')
  await bad.done('db1 deploy --config=- --wait', FLAG)
  await bad.done('db1 freeze')
  await bad.stop()
  const was = stored(bad, 'register/freeze/db1')
  const odd = was.replace('"value":true', '"value":"a little"')
  store(bad, 'register/freeze/db1', odd)
  const from = bad.output.length
  expect(await bad.start({ ends: true })).toBe(1)
  expect(bad.output.slice(from).trimEnd()).toMatch(
    /^omd: the store of this node has register\/freeze\/db1 in a form that this version of omd does not understand at value \(.*\): install version \S+, which ran here before, or move \S+\/state\.db\* and \S+\/certificates away and let this node join its cluster again; nothing in them was changed$/,
  )
  expect(stored(bad, 'register/freeze/db1')).toBe(odd)
  store(bad, 'register/freeze/db1', was)
  await bad.start()
  expect(await bad.done('db1 print status')).toContain('frozen')
})

test('a node that was a member starts on a read-only /var: it says so, and its files stay as they were', async () => {
  const bad = (node = new Alone({ name: 'bad' }))
  await bad.start()
  await bad.done('cluster init')
  await bad.done('db1 deploy --config=- --wait', FLAG)
  await bad.stop()
  const from = bad.output.length
  expect(
    await bad.start({ ends: true, before: 'mount --bind $VAR $VAR; mount -o remount,ro,bind $VAR' }),
  ).toBe(1)
  expect(bad.output.slice(from)).toMatch(
    /^omd: the store \S+ cannot be used: read-only file system: mount the filesystem read-write/,
  )
  expect(await bad.refused('db1 print status')).toBe(
    "omd is not running on this node: start it with 'om daemon start'",
  )
  await bad.start()
  expect(await bad.done('db1 print status')).toMatch(/bad +up +idle, started/)
})

/** Not one byte more fits into the node's /var. */
function fill(full: Alone): void {
  const path = full.inside('var/fill')
  for (const bytes of [64 * 1024, 4096, 1]) {
    try {
      for (;;) writeFileSync(path, Buffer.alloc(bytes), { flag: 'a' })
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
    }
  }
}

function stored(bad: Alone, key: string): string {
  const database = new Database(join(bad.root, 'var/lib/longshore/state.db'))
  const row = database.prepare<[string], { value: string }>('SELECT value FROM kv WHERE key = ?').get(key)
  database.close()
  return row?.value ?? ''
}

function store(bad: Alone, key: string, value: string): void {
  const database = new Database(join(bad.root, 'var/lib/longshore/state.db'))
  database.prepare('UPDATE kv SET value = ? WHERE key = ?').run(value, key)
  database.close()
}
