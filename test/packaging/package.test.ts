import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Machine } from './machine.js'
import { built, nodejs, renewed } from './packages.js'

// The package from its build to its purge, on a machine of its own: each test goes on where the one before it ended.

const folder = mkdtempSync(join(tmpdir(), 'longshore-packaging-'))
const mountPoint = mkdtempSync(join(tmpdir(), 'longshore-machine-'))
let first = ''
let again = ''
let next = ''
let machine: Machine

beforeAll(async () => {
  ;[first, again] = await Promise.all([
    built(join(folder, 'first'), '1.0.0'),
    built(join(folder, 'again'), '1.0.0'),
    nodejs(join(folder, 'nodejs')),
  ])
  next = await renewed(first, join(folder, 'next'), '1.0.1')
  machine = await Machine.start(mountPoint, folder)
  await machine.must('dpkg -i /packages/nodejs.deb')
}, 600_000)

afterAll(async () => {
  await machine?.stop()
  for (const path of [folder, mountPoint]) rmSync(path, { recursive: true, force: true })
})

const inside = (deb: string): string => deb.replace(folder, '/packages')

describe('as it was built', () => {
  test('the same commit gives the same bytes', () => {
    const sum = (file: string): string => createHash('sha256').update(readFileSync(file)).digest('hex')
    expect(basename(first)).toMatch(/^longshore_1\.0\.0_\w+\.deb$/)
    expect(sum(again)).toBe(sum(first))
  })

  test('everything is root’s, nobody else writes, and what only developers need is left out', async () => {
    const { stdout } = await execa('dpkg-deb', ['--contents', first])
    const entries = stdout.split('\n').map((line) => line.split(/\s+/))
    const paths = entries.map((words) => words[5] ?? '')
    expect(
      entries.filter(([mode = '', owner]) => owner !== 'root/root' || /^-.{4}w|^-.{7}w/.test(mode)),
    ).toEqual([])
    expect(
      paths.filter((path) => /\.(map|ts|mts|cts|c|cpp|h|gyp)$|\/(tests?|examples?)\/.*\.js$/.test(path)),
    ).toEqual([])
    expect(
      paths.filter((path) => /node_modules\/(prebuild-install|vitest|typescript|tsx|@types)\//.test(path)),
    ).toEqual([])
    const others = paths.filter((path) => !/\/(node_modules|dist)\/./.test(path) && !path.endsWith('/'))
    await expect(`${others.join('\n')}\n`).toMatchFileSnapshot('golden/files.txt')
  })
})

describe('installed', () => {
  test('it installs with what it depends on, and everything is set up', async () => {
    await machine.must(`dpkg -i ${inside(first)}`)
    expect(await machine.must('dpkg --audit; dpkg --verify longshore')).toBe('')
  })

  test('its units are enabled, and systemd has nothing to say against them', async () => {
    const wanted = await machine.must('ls /etc/systemd/system/multi-user.target.wants')
    expect(wanted.split('\n')).toEqual(
      expect.arrayContaining(['longshore.service', 'longshore-shutdown.service']),
    )
    const units = 'longshore.service longshore-shutdown.service longshore-witness@db.service'
    expect(await machine.run(`cd /lib/systemd/system && systemd-analyze --man=no verify ${units}`)).toEqual({
      exit: 0,
      out: '',
    })
  })

  test('the commands answer', async () => {
    const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8')) as {
      readonly version: string
    }
    expect(await machine.must('om --version')).toBe(version)
    expect(await machine.must('om --help')).toContain('om cluster …')
    for (const program of ['svcmon', 'svcmgr', 'nodemgr'])
      expect(await machine.must(`${program} --help`)).not.toBe('')
  })

  test('each page of the manual renders without a warning', async () => {
    const pages = (await machine.must('dpkg -L longshore | grep /man/.*gz')).split('\n')
    expect(pages.length).toBe(7)
    for (const page of pages)
      expect([
        page,
        await machine.must(`man --warnings -E UTF-8 -l -Tutf8 -Z ${page} 2>&1 >/dev/null`),
      ]).toEqual([page, ''])
    expect(await machine.must('MANPAGER=cat man om | col -b')).toContain('om SERVICE switch [node]')
  })

  test.each([
    ['om ', ['cluster', 'daemon', 'help', 'mon', 'node', '--help', '--version']],
    ['om db1 sw', ['switch']],
    ['om db1 print ', ['config', 'status']],
    ['om db1 start --dr', ['--dry-run']],
    ['om db1 print status --format ', ['json', 'table', 'yaml']],
    ['om db1 set --kw orch', ['orchestrate']],
    ['om cluster set --kw cluster.quo', ['cluster.quorum']],
    ['om node dr', ['drain']],
    ['om help fs.xfs.mn', ['fs.xfs.mnt', 'fs.xfs.mnt_opt']],
    ['svcmgr -s db1 free', ['freeze']],
    ['nodemgr dr', ['drain']],
    ['svcmon --sec', ['--sections']],
  ])('"%s" is completed', async (line, offered) => {
    expect((await completions(line)).toSorted()).toEqual([...offered].toSorted())
  })
})

describe('running', () => {
  test('omd says that it is ready, feeds the watchdog, and answers', async () => {
    const listener = machine.begin(
      `perl -MSocket -e 'socket(S, PF_UNIX, SOCK_DGRAM, 0); bind(S, pack_sockaddr_un("/run/notify")); $| = 1; print "bound\\n"; while (1) { recv(S, $said, 4096, 0); print((split /\\n/, $said)[0], "\\n") unless $said =~ /^BARRIER/ }'`,
    )
    expect(await listener.next()).toBe('bound')
    machine.begin('NOTIFY_SOCKET=/run/notify WATCHDOG_USEC=200000 exec setsid omd >/var/log/omd 2>&1')
    expect([await listener.next(), await listener.next(), await listener.next()]).toEqual([
      'READY=1',
      'WATCHDOG=1',
      'WATCHDOG=1',
    ])
    listener.child.kill('SIGKILL')
    expect(await machine.must('om daemon status')).toContain('is running on node1')
  })

  test('services and nodes are completed by their names', async () => {
    await machine.must('om cluster init lab --address 127.0.0.1')
    writeFileSync(
      join(folder, 'flag.yaml'),
      'DEFAULT:\n  nodes: node1\n  orchestrate: ha\nfs#1:\n  type: flag\n',
    )
    await machine.must('om flag deploy --wait --config /packages/flag.yaml')
    expect(await completions('om fl')).toEqual(['flag'])
    expect(await completions('om node drain ')).toEqual(['node1'])
  })
})

describe('when the machine goes down', () => {
  test('what no other node takes is stopped, and may start again after the boot', async () => {
    await machine.must('/usr/lib/longshore/node-shutdown leave')
    expect(await machine.run('om daemon status')).toMatchObject({ exit: 1 })
    expect(await machine.must('cat /var/lib/longshore/stopped-by-shutdown')).toBe('flag')
    await machine.must('om daemon start')
    expect(await machine.run('om flag status')).toMatchObject({ exit: 1 })
    await machine.must('/usr/lib/longshore/node-shutdown back')
    await machine.must('timeout 30 sh -c "until om flag status; do sleep 0.2; done"')
  })
})

describe('upgraded', () => {
  test('settings that were changed stay, and so does the cluster', async () => {
    await machine.must('echo LONGSHORE_LOG_LEVEL=debug >>/etc/default/longshore')
    await machine.must(`dpkg --force-confold -i ${inside(next)}`)
    expect(await machine.must('dpkg-query -W longshore')).toMatch(/\t1\.0\.1$/)
    expect(await machine.must('tail -1 /etc/default/longshore')).toBe('LONGSHORE_LOG_LEVEL=debug')
    expect(
      await machine.must('om flag status >/dev/null; cat /etc/longshore/services.d/flag.yaml'),
    ).toContain('flag')
  })
})

describe('removed', () => {
  test('not while a service is up that nobody else takes: it says what to do, and everything goes on', async () => {
    const { exit, out } = await machine.run('dpkg --remove longshore')
    expect(exit).not.toBe(0)
    expect(out).toContain('move them away with om node drain, or stop them with om SERVICE stop')
    expect(await machine.must('om flag status; om daemon status')).toContain('is running on node1')
  })

  test('with nothing up the daemon goes with it, and what belongs to the administrator stays', async () => {
    await machine.must('om flag stop --wait')
    await machine.must('dpkg --remove longshore')
    expect((await machine.run('pgrep -f longshore/dist')).out).toBe('')
    await machine.must(
      'test -e /etc/longshore/cluster.yaml -a -e /var/lib/longshore -a -e /etc/default/longshore',
    )
    expect((await machine.run('test -e /usr/lib/longshore')).exit).toBe(1)
  })

  test('installed again it is what it was', async () => {
    await machine.must(`dpkg -i ${inside(next)}`)
    await machine.must('om daemon start')
    expect(await machine.must('svcmon')).toContain('flag')
    await machine.must('om daemon stop')
  })

  test('a Node of another ABI is one sentence', async () => {
    const file = '/usr/lib/longshore/dist/native.json'
    await machine.must(`cp ${file} /root && echo '{"modules":"1","node":"0.1.0"}' >${file}`)
    const sentence =
      /^(\w+: )?this is Node [\d.]+ \(ABI \d+\), and .* was built for Node 0\.1\.0 \(ABI 1\): install nodejs 0, [^\n]*$/
    for (const program of ['omd', 'om --version', 'svcmon']) {
      const { exit, out } = await machine.run(program)
      expect([program, exit]).toEqual([program, 1])
      expect(out).toMatch(sentence)
    }
    await machine.must(`cp /root/native.json ${file}`)
  })

  test('purged, nothing of it is left', async () => {
    await machine.must('dpkg --purge longshore')
    const found = await machine.must(
      "find / -xdev \\( -path /proc -o -path /packages -o -path /root \\) -prune -o -iname '*longshore*' -print -o -name 'om' -print",
    )
    expect(found).toBe('')
  })
})

/** What a shell offers where the cursor is at the end of the line. */
async function completions(line: string): Promise<readonly string[]> {
  const words = line.split(' ')
  const script = `. /usr/share/bash-completion/bash_completion
    _completion_loader ${words[0]} || :
    COMP_LINE=$1 COMP_POINT=\${#1} COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}) COMP_CWORD=${words.length - 1}
    function=$(complete -p ${words[0]} | sed 's/.*-F \\([^ ]*\\).*/\\1/')
    "$function" ${words[0]} "\${COMP_WORDS[COMP_CWORD]}" "\${COMP_WORDS[COMP_CWORD-1]}"
    printf '%s\\n' "\${COMPREPLY[@]}"`
  const said = await machine.must(`bash -c '${script.replaceAll("'", String.raw`'\''`)}' bash '${line}'`)
  return said.split('\n').filter((word) => word !== '')
}
