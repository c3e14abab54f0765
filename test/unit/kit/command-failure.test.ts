import { expect, test } from 'vitest'
import { commandFailure } from '../../../src/resources/kit/command-failure.js'

const ended = (stderr: string) =>
  commandFailure({
    argv: ['podman', 'pull', 'x'],
    outcome: 'exited',
    exit: 125,
    stdout: '',
    stderr,
    durationMs: 1,
  })

const WARNING = 'time="2026-11-21T22:46:06Z" level=warning msg="Using cgroups-v1 which is deprecated"'

test.each([
  ['what is wrong', 'Error: no such image\nhint', 'Error: no such image'],
  ['what is wrong, behind warnings', `${WARNING}\nError: no such image`, 'Error: no such image'],
  ['a warning where there is nothing else', WARNING, WARNING],
])('a command that fails is quoted with %s', (_, stderr, quoted) => {
  expect(ended(stderr)?.message).toBe(`podman pull x failed with exit code 125: ${quoted}`)
})
