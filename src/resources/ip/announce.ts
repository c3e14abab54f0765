import { ok } from '../../core/result.js'
import type { DoStep } from '../driver.js'
import { announceCommand } from '../kit/arp.js'
import { commandText } from '../kit/command-text.js'
import type { Wanted } from './address.js'

/**
 * Tells the neighbours, without anybody waiting for it: the first announcement goes out at once, two more follow from a process of their
 * own. IPv6 neighbours are told by the kernel.
 */
export function announceStep(wanted: Wanted, dev: string, enter: readonly string[]): readonly DoStep[] {
  if (wanted.family === 6) return []
  const argv = [...enter, ...announceCommand(dev, wanted.ip)]
  return [
    {
      kind: 'do',
      text: commandText(argv),
      run: async (act) => {
        const sent = await act.io.exec.detach(argv, {})
        if (!sent.ok)
          act.log('warn', `the neighbours were not told where ${wanted.ip} is now: ${sent.error.message}`)
        return ok(undefined)
      },
    },
  ]
}
