import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Alone } from './alone.js'

// One real daemon with one service up. Whatever is typed below is refused in one sentence, and nothing is changed by it.

const FLAG = '# db1, with a comment\nDEFAULT:\n  nodes: "*"\nfs#1:\n  type: flag\n'
const node = new Alone({ name: 'bad1' })
let before = ''

beforeAll(async () => {
  await node.start()
  await node.done('cluster init prod')
  await node.done('db1 deploy --config=- --wait', FLAG)
  before = await state()
})

afterAll(async () => {
  try {
    expect(await state()).toBe(before)
    expect(node.alive).toBe(true)
  } finally {
    await node.end()
  }
})

/** All that an operator could have changed. */
async function state(): Promise<string> {
  const etc = join(node.root, 'etc/longshore')
  const files = ['cluster.yaml', ...readdirSync(join(etc, 'services.d')).map((file) => `services.d/${file}`)]
  const texts = files.map((file) => `${file}\n${readFileSync(join(etc, file), 'utf8')}`)
  const histories = [await node.done('db1 history'), await node.done('cluster history')]
  return [...texts, ...histories, await node.done('db1 print status')].join('\n')
}

const STDIN = 'standard input'

describe('a configuration that is refused', () => {
  const flag = (more: string): string => `{"fs#1": {"type": "flag"${more}}}`

  test.each([
    ['malformed JSON', '{"fs#1": {"type": "flag",}}', `${STDIN}:1:26: expected a name in double quotes in fs#1`],
    ['malformed YAML', 'fs#1:\n  type: flag\n optional: true\n', `${STDIN}:3:1: the indentation does not fit the lines above`],
    ['malformed INI', '[fs#1]\ntype = flag\nand so on\n', `${STDIN}:3:1: expected [section] or key = value, not "and so on"`],
    ['unknown keyword', flag(', "optionl": "true"'), `${STDIN}:1:27: fs#1 (fs.flag) has no keyword "optionl"; did you mean optional?`],
    ['unknown section', '{"fss#1": {}}', new RegExp(`^${STDIN}:1:2: unknown section "fss#1"`)],
    ['missing required', '{"fs#1": {"type": "xfs", "dev": "/dev/x"}}', `${STDIN}:1:2: fs#1 needs mnt, such as mnt: /srv/{svcname}/data`],
    ['wrong type', flag(', "restart": "often"'), `${STDIN}:1:38: fs#1.restart must be a whole number, not "often"`],
    ['wrong value', flag(', "optional": "perhaps"'), `${STDIN}:1:39: fs#1.optional must be true or false, not "perhaps"`],
    ['unknown driver', '{"fs#1": {"type": "flagg"}}', new RegExp(`^${STDIN}:1:19: fs#1.type must be one of .*; did you mean flag\\?$`)],
    ['unknown node', '{"DEFAULT": {"nodes": "bad1 bad7"}, "fs#1": {"type": "flag"}}', `${STDIN}:1:23: DEFAULT.nodes: bad7 is no node of this cluster; did you mean bad1?`],
    ['unknown node in a scope', flag(', "restart@bad7": "1"'), new RegExp(`^${STDIN}:1:27: fs#1.restart@bad7: bad7 is no node of this cluster`)],
    ['reference loop', '{"env": {"a": "{env.b}", "b": "{env.a}"}, "fs#1": {"type": "directory", "path": "/{env.a}"}}', `${STDIN}:1:15: reference loop: env.a → env.b → env.a`],
    ['reference to nothing', '{"fs#1": {"type": "directory", "path": "/{env.a}"}}', new RegExp(`^${STDIN}:1:40: .*env`)],
    ['duplicate rid', 'fs#1:\n  type: flag\nfs#1:\n  type: flag\n', `${STDIN}:3:1: section fs#1 is there twice: first at line 1`],
    ['empty', '', `${STDIN}: the configuration is empty: a service has at least one section`],
    ['a list', '- fs#1\n', new RegExp(`^${STDIN}:1:1: a configuration is sections with keywords`)],
    ['brackets without end', `a: ${'['.repeat(50_000)}`, `${STDIN}:1:204: too many brackets within brackets: is this a configuration?`],
    ['a null byte', 'fs#1:\0', `${STDIN}:1:6: character 0 does not belong into a text: is this a configuration?`],
    ['no node that could', '{"DEFAULT": {"nodes": "x*"}, "fs#1": {"type": "flag"}}', new RegExp(`^${STDIN}:1:23: DEFAULT.nodes`)],
  ])('%s', async (_, text, sentence) => {
    for (const command of ['db2 deploy', 'db2 create', 'db1 edit config', 'db1 validate config']) {
      const [said] = (await node.refused(`${command} --config=-`, text)).split('\n')
      if (typeof sentence === 'string') expect(said, command).toBe(sentence)
      else expect(said, command).toMatch(sentence)
    }
  }) // prettier-ignore

  test('a megabyte of garbage', async () => {
    const sentence = `${STDIN} is too long for a configuration, which has 262144 characters at most: is it the right file?`
    for (const garbage of [randomBytes(1024 * 1024).toString('latin1'), 'x'.repeat(1024 * 1024)])
      expect(await node.refused('db2 deploy --config=-', garbage)).toBe(sentence)
    const file = join(node.root, 'garbage')
    writeFileSync(file, randomBytes(1024 * 1024))
    expect(await node.refused(`db2 deploy --config=${file}`)).toBe(sentence.replace(STDIN, file))
    expect(await node.refused('db2 deploy --config=-', randomBytes(60_000).toString('latin1'))).toMatch(
      /character \d+ does not belong into a text/,
    )
  })

  test('a name that is none', async () => {
    for (const name of ['a/b', '../x', '.x', 'Db', 'a;b', 'x'.repeat(300)]) {
      expect(await node.refused(`${name} deploy --config=-`, FLAG)).toMatch(
        /cannot name a service: lower case letters|too long|at most|is no selector/,
      )
    }
    expect(existsSync(join(node.root, 'etc/longshore/x.yaml'))).toBe(false)
  })

  test('a service without a resource: created, and not deployed', async () => {
    expect(await node.refused('db2 deploy --config=-', 'env:\n  a: b\n')).toBe(
      "service db2 has no resource that could be started: add one with 'om db2 edit config', or with set --kw, such as fs#1.type=flag",
    )
  })

  test('a known name with another content', async () => {
    expect(await node.refused('db1 deploy --config=-', '{"fs#2": {"type": "flag"}}')).toBe(
      "service db1 is there already, with another configuration: change it with 'om db1 set --kw …' or 'om db1 edit config'",
    )
  })
})

describe('a command line that is refused', () => {
  test.each([
    ['db1 set --kw nosuch=1', 'DEFAULT has no keyword "nosuch": \'om help DEFAULT\' lists those there are'],
    ['db1 set --kw fs#1', '"fs#1" sets nothing: write KEYWORD=VALUE, such as orchestrate=ha'],
    ['db1 set --kw fs#1.=2', '"fs#1." is no keyword: write it as KEYWORD, SECTION.KEYWORD or SECTION.KEYWORD@NODE'],
    ['db1 set --kw orchestrate=maybe', 'DEFAULT.orchestrate must be no, start or ha, not "maybe"'],
    ['db1 set --kw disk.optional=true', 'there is no resource of group disk to set optional of: name a new one, such as disk#1.optional'],
    ['db1 set --kw fs#9.mnt=/x', /^fs#9 needs type: one of xfs, ext4/],
    ['db1 set', 'which keyword? set --kw [section.]keyword=value'],
    ['db1 unset --kw fs#1.restart', 'fs#1.restart is not set, so there is nothing to unset'],
    ['db1 get --kw nosuch', /^DEFAULT has no keyword "nosuch"/],
    ['db7 start', 'there is no service db7: svcmon shows those that there are'],
    ['x* start', "no service matches 'x*': see 'svcmon' for those there are"],
    ['db1+ start', "'db1+' is no selector: a name is missing in it"],
    ['db1 strat', "'strat' is no command of om SERVICE: did you mean 'start'?"],
    ['db1 start --nosuch', "unknown option '--nosuch'; see 'om SERVICE start --help'"],
    ['db1 start --rid fs#9', "no resource of db1 matches --rid fs#9: see 'om db1 print status'"],
    ['db1 stop --downto disk', "no resource of db1 matches disk: see 'om db1 print status'"],
    ['db1 start --time soon', '--time soon is no duration: write 30s, 5m or 1h30m'],
    ['db1 switch bad7', 'bad7 is not a member of db1: its nodes are bad1'],
    ['db1 switch', 'no other node can take db1: it has no other member'],
    ['db1 logs --level loud', '--level loud: debug, info, warn, error are the levels there are'],
    ['db1 logs --node bad7', 'the cluster has no node bad7: its nodes are bad1'],
    ['db1 logs --lines few', '--lines few is no number of lines: write --lines 100'],
    ['db1 print status --format xml', '--format xml: table, json and yaml are the formats there are'],
    ['db1 restore ffff', "there is no version ffff: see 'om db1 history'"],
    ['db2 deploy --config=/nowhere', '/nowhere cannot be read: no such file or directory'],
    ['db2 deploy', 'what shall it be made of? --config=FILE, --config=- for standard input, or --kw'],
    ['node frob', "'frob' is no command of om node: 'om help' lists those there are"],
    ['node freeze bad7', 'the cluster has no node bad7: did you mean bad1?'],
    ['node check bad7', 'the cluster has no node bad7: its nodes are bad1'],
    ['node confirm-off bad1 --yes', 'this command runs on bad1, so bad1 is not off'],
    ['cluster init again', 'this node belongs to cluster prod already: leave it first with om cluster leave'],
    ['cluster set --kw cluster.id=other', /^cluster\.id was drawn when the cluster was made and stays [0-9a-f]+$/],
    ['cluster set --kw heartbeat.timeout=1s', 'heartbeat.timeout must be at least three times heartbeat.interval: 1s is less than 3 × 500ms = 1s500ms'],
    ['cluster set --kw cluster.nodes-=bad1', /^cluster needs nodes/],
    ['cluster set --kw listener.port=99999', 'listener.port must be 65535 or less, not 99999'],
    ['cluster set --kw hook#1.events=boom --kw hook#1.command=true', /^hook#1\.events: there is no event boom; known: instance_status/],
    ['help fs.nosuch', /^nothing is known of "fs\.nosuch"/],
  ])('om %s', async (words, sentence) => {
    const said = await node.refused(words)
    if (typeof sentence === 'string') expect(said).toBe(sentence)
    else expect(said).toMatch(sentence)
  }) // prettier-ignore

  test('an edit that is refused keeps the text and names the file; mended, it is taken from there', async () => {
    const editor = join(node.root, 'editor')
    writeFileSync(editor, '#!/bin/sh\nsed -i s/flag/flagg/ "$1"\n', { mode: 0o755 })
    const ran = await node.om('db1 edit config', '', { EDITOR: editor, VISUAL: editor })
    expect(ran).toMatchObject({ exit: 1, stdout: '' })
    expect(ran.stderr).toMatch(/^\S+\/db1\.yaml:5:9: fs#1\.type must be one of .*did you mean flag\?/)
    const [, file = '', base = ''] =
      /your text is kept in (\S+); mend it, then: om db1 edit config --config \1 --base (\w+)/.exec(
        ran.stderr,
      ) ?? []
    expect(readFileSync(file, 'utf8')).toBe(FLAG.replace('flag', 'flagg'))
    writeFileSync(file, FLAG)
    expect(await node.done(`db1 edit config --config ${file} --base ${base}`)).toMatch(/already so/)
    rmSync(dirname(file), { recursive: true })
  })

  test('a file edited by hand into nonsense: the last good version stays in force, and the log says so', async () => {
    const file = join(node.root, 'etc/longshore/services.d/db1.yaml')
    writeFileSync(file, `${FLAG}  mnt: /x\n`)
    await expect
      .poll(() => node.output, { timeout: 30_000 })
      .toMatch(
        /WARN +\S+db1\.yaml was edited and is refused, the last good version stays in force: \S+db1\.yaml:6:3: fs#1 \(fs\.flag\) has no keyword "mnt"/,
      )
    expect(await node.done('db1 print config')).toBe(FLAG)
    writeFileSync(file, FLAG)
    await expect.poll(() => node.output, { timeout: 30_000 }).toMatch(/db1\.yaml is as in force again/)
  })
})

describe('requests that om would never make', () => {
  const api = join(node.root, 'run/longshore/api.sock')

  /** What the daemon answers on its socket until it hangs up. */
  const raw = (text: string | Buffer): Promise<string> =>
    new Promise((resolve) => {
      const socket = connect({ path: api })
      let heard = ''
      socket.on('data', (chunk) => (heard += chunk.toString()))
      socket.on('error', () => undefined)
      socket.on('close', () => resolve(heard))
      socket.write(text)
    })

  const post = (path: string, body: string, length = Buffer.byteLength(body)): Promise<string> =>
    raw(`POST ${path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: ${length}\r\n\r\n${body}`)

  test.each([
    ['no JSON', '/api/services', 'nonsense', 400, 'the request is no JSON'],
    ['wrong fields', '/api/services', '{"nam":"x"}', 400, 'the request does not fit'],
    ['a name with a slash', '/api/services', '{"name":"a/b","text":"fs#1:\\n  type: flag\\n","env":{},"deploy":true}', 400, 'cannot name a service'],
    ['unknown action', '/api/services/db1/target', '{"action":"explode"}', 400, 'the request does not fit'],
    ['unknown service', '/api/services/db7/target', '{"action":"start"}', 404, 'there is no service db7'],
    ['unknown path', '/api/nowhere', '{}', 404, 'the API has no POST /api/nowhere'],
    ['text and keywords at once', '/api/services/db1/config', '{"text":"x","set":["a=b"]}', 400, 'not both at once'],
    ['two megabytes', '/api/services', `"${'x'.repeat(2 * 1024 * 1024)}"`, 400, 'the request is larger than 1048576 bytes'],
  ])('%s', async (_, path, body, status, sentence) => {
    const heard = await post(path, body)
    expect(heard).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `))
    expect(heard).toContain(sentence)
  }) // prettier-ignore

  test('more than anything may be, or without a length', async () => {
    expect(await post('/api/services', '', 99_999_999)).toMatch(/^HTTP\/1\.1 413 .*at most 8 MiB are taken/s)
    const chunked = 'POST /api/services HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n'
    expect(await raw(chunked)).toMatch(/^HTTP\/1\.1 411 .*say how long the request is/s)
  })

  test('what is no HTTP, and what stops midway, is hung up on while others are answered', async () => {
    const garbage = raw(randomBytes(100_000))
    const slow = raw('POST /api/services HTTP/1.1\r\nhost: x\r\n')
    expect(await node.done('db1 print status')).toMatch(/bad1 +up/)
    expect(await garbage).not.toContain('200 OK')
    expect(await slow).not.toContain('200 OK')
  })
})

test('without a daemon every command says how to start it', async () => {
  const other = new Alone({ name: 'bad2' })
  try {
    for (const words of ['db1 start', 'mon', 'cluster status', 'db1 logs', 'node check']) {
      expect(await other.refused(words)).toBe(
        "omd is not running on this node: start it with 'om daemon start'",
      )
    }
    mkdirSync(join(other.root, 'run/longshore'), { recursive: true })
    writeFileSync(join(other.root, 'run/longshore/api.sock'), '')
    expect(await other.refused('mon')).toMatch(/^omd is not running on this node/)
  } finally {
    await other.end()
  }
})
