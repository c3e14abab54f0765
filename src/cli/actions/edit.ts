import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fail, ok, type Result } from '../../core/result.js'
import type { ConfigAnswer } from '../../daemon/api/contract.js'
import type { Action, Call } from '../command.js'
import { oneConfiguration, type Configuration, type ConfigurationScope } from '../configuration.js'
import { refuse } from '../output.js'
import { readText, sourceOf } from './create.js'

/**
 * Opens the configuration in an editor and brings what was written into force, unless somebody else changed it meanwhile. A text that
 * is refused is kept in a file, which is named. With `--config` that file is taken instead of asking an editor.
 */
export function editConfig(scope: ConfigurationScope): Action {
  return async (call) => {
    const configuration = oneConfiguration(call, scope)
    if (!configuration.ok) return refuse(call.terminal, configuration.error)
    const source = call.options.text('config')
    return source === null ? edit(call, configuration.value) : apply(call, configuration.value, source)
  }
}

async function apply(call: Call, configuration: Configuration, source: string): Promise<number> {
  const text = await readText(call, source)
  if (!text.ok) return refuse(call.terminal, text.error)
  const base = call.options.text('base')
  const changed = await configuration.change({
    text: text.value,
    ...sourceOf(source),
    ...(base === null ? {} : { base }),
  })
  if (!changed.ok) return refuse(call.terminal, changed.error)
  call.terminal.out(`${changed.value.message}\n`)
  return 0
}

async function edit(call: Call, configuration: Configuration): Promise<number> {
  const current = await configuration.read()
  if (!current.ok) return refuse(call.terminal, current.error)
  const directory = await mkdtemp(join(tmpdir(), 'longshore-edit-'))
  const file = join(directory, `${configuration.label}.yaml`)
  await writeFile(file, current.value.text, { mode: 0o600 })
  const outcome = await editUntilTaken(call, configuration, current.value, file)
  const worthless = outcome.ok || (await readFile(file, 'utf8').catch(() => null)) === current.value.text
  if (worthless) await rm(directory, { recursive: true, force: true })
  if (outcome.ok) {
    call.terminal.out(`${outcome.value}\n`)
    return 0
  }
  if (worthless) return refuse(call.terminal, outcome.error)
  const again = `${configuration.command} edit config --config ${file} --base ${current.value.version}`
  return refuse(call.terminal, {
    ...outcome.error,
    details: [...(outcome.error.details ?? []), `your text is kept in ${file}; mend it, then: ${again}`],
  })
}

/** Asks the editor again as long as somebody there wants to mend what was refused. */
async function editUntilTaken(
  call: Call,
  configuration: Configuration,
  current: ConfigAnswer,
  file: string,
): Promise<Result<string>> {
  for (;;) {
    const written = await editedText(call, file)
    if (!written.ok) return written
    if (written.value === current.text) return ok(`${configuration.label} is unchanged`)
    const changed = await configuration.change({ text: written.value, source: file, base: current.version })
    if (changed.ok) return ok(changed.value.message)
    if (changed.error.code !== 'INVALID' || !call.terminal.isInteractive) return changed
    refuse(call.terminal, changed.error)
    const answer = await call.terminal.ask('Edit again? [Y/n] ')
    if (/^n/i.test(answer.trim())) return fail('ABORTED', 'nothing was changed')
  }
}

/** The text of the file once the editor has ended. */
async function editedText(call: Call, file: string): Promise<Result<string>> {
  const editor = call.terminal.env['VISUAL'] ?? call.terminal.env['EDITOR'] ?? 'vi'
  const ended = await runEditor(editor, file)
  return ended.ok ? ok(await readFile(file, 'utf8')) : ended
}

/** `$EDITOR` may carry arguments, so it goes through the operator's own shell, as with other tools that ask an editor. */
function runEditor(editor: string, file: string): Promise<Result<void>> {
  return new Promise((resolve) => {
    const child = spawn('/bin/sh', ['-c', `${editor} "$1"`, 'editor', file], { stdio: 'inherit' })
    child.on('error', (error) => resolve(fail('UNAVAILABLE', `the editor cannot be run: ${error.message}`)))
    child.on('close', (code) => {
      if (code === 0) resolve(ok(undefined))
      else
        resolve(
          fail(
            'EXEC_FAILED',
            `the editor (${editor}) ended with exit code ${code ?? -1}: nothing was changed`,
          ),
        )
    })
  })
}
