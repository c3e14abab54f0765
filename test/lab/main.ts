import { carryOut } from './command-line.js'
import { findLab, openLab, prepare, removeLab } from './index.js'

await carryOut({
  name: 'lab',
  description: 'Nodes as namespaces on this machine. LAB_NAME chooses the lab (default "lab").',
  prepare: async () => (await prepare()).rootfs,
  open: (plan) => openLab(plan),
  find: () => findLab(),
  remove: () => removeLab(),
})
