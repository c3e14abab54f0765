// A node is powered off, and on again, by a program of Debian's package fence-agents; a file is its power switch.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { pair, until } from './alone.js'

const FLAG = 'DEFAULT:\n  nodes: "*"\n  orchestrate: ha\nfs#1:\n  type: flag\n'

const { nodes, end } = pair(['power1', 'power2'])
const [power1, power2] = nodes
const power = join(power1.root, 'power')
const wrapped = join(power1.root, 'fence_wrapped')

beforeAll(async () => {
  await power1.start()
  await power2.start()
  await power1.done('cluster init prod')
  const { token } = JSON.parse(await power1.done('cluster token --format json')) as { readonly token: string }
  await power2.done(`cluster join ${token}`)
  await power1.done(
    `cluster set --kw stonith#power2.agent=fence_dummy --kw stonith#power2.options=status_file=${power} --kw stonith#power2.power_on=true`,
  )
  await power1.done('db1 deploy --config=- --no-wait', FLAG)
  await until('db1 is up', async () => /power1 +up +idle/.test(await power1.done('db1 print status')))
  await power1.done('db1 switch power2 --wait')
  writeFileSync(power, 'on')
})

afterAll(end)

const cutOff = (how: 'up' | 'down') => power1.inNetwork(['ip', 'link', 'set', 'lan', how])

test('the one that fell silent is off by its status before its service starts elsewhere, and is then powered on', async () => {
  await cutOff('down')
  await until('db1 is up here', async () => /power1 +up +idle/.test(await power1.done('db1 print status')))
  expect(await power1.done('db1 logs')).toContain('power2 was powered off: fence_dummy says that it is off')
  await until('it is on', () => readFileSync(power, 'utf8') === 'on')
  await until('the log says so', async () =>
    (await power1.done('node logs')).includes('power on power2: fence_dummy says that it is on'),
  )
  await cutOff('up')
})

test('by hand; and an agent that does not power it on again is no secret', async () => {
  const broken = `#!/bin/sh
input=$(cat)
case $input in action=on*) echo no current >&2; exit 1;; esac
echo "$input" | fence_dummy
`
  writeFileSync(wrapped, broken, { mode: 0o755 })
  await power1.done(`cluster set --kw stonith#power2.agent=${wrapped}`)
  expect(await power1.done('node fence power2 --yes')).toBe(
    `node power2 is off: ${wrapped} says that it is off\n`,
  )
  await until('the log says so', async () =>
    (await power1.done('node logs')).includes(
      `power on power2: ${wrapped} answered 1 to on: no current; it may still be off: power it on by hand, and mend its fencing agent`,
    ),
  )
  expect(readFileSync(power, 'utf8')).toBe('off')
})
