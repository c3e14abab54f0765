// The Docker relocation tutorial on two nodes of this machine, from an empty cluster to a crash, held against what it promises.
// Ends by itself, leaves nothing behind; exit code 1 where anything is not as the text says.
import { messageOf } from '../lab/failure.js'
import { openLab, removeLab } from '../lab/index.js'
import { Stage } from './stage.js'
import { play } from './play.js'

const NAME = 'demo'

async function demo(): Promise<number> {
  const beganMs = performance.now()
  process.stdout.write(
    'Longshore: the Docker relocation tutorial, on two nodes\n\nTwo nodes begin, each with its own Docker engine …\n',
  )
  try {
    const lab = await openLab({ name: NAME, nodes: 2 })
    const disk = await lab.disk('512M')
    const stage = new Stage(lab)
    const summary = await play(stage, lab, disk)
    await lab.down()
    const seconds = Math.round((performance.now() - beganMs) / 1000)
    process.stdout.write(
      `${summary}\nEverything was as promised: ${stage.kept} checks in ${seconds} s, and nothing is left behind.\n`,
    )
    return 0
  } catch (thrown) {
    process.stderr.write(`\ndemo: not as promised: ${messageOf(thrown)}\n`)
    await removeLab(NAME)
    return 1
  }
}

// a demo that is interrupted takes its nodes with it
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => void removeLab(NAME).finally(() => process.exit(130)))
}

process.exitCode = await demo()
