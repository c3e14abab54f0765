import { imageIdByCommand, listByCommand } from '../engine/ask-by-command.js'
import type { ContainerEngine } from '../engine/engine.js'
import { imageIdBySocket, listBySocket } from './ask-by-socket.js'
import { docker } from './asking.js'

/** Docker: a daemon, asked at its socket where that is to be had, by its command otherwise. */
export const dockerEngine: ContainerEngine = {
  name: 'docker',
  package: docker.package,
  runners: ['containerd-shim', 'dockerd'],
  list: (io, names) =>
    io.engine === undefined ? listByCommand(io, docker, names) : listBySocket(io.engine, names),
  imageId: (io, image) =>
    io.engine === undefined ? imageIdByCommand(io, docker, image) : imageIdBySocket(io.engine, image),
  isImage: (told, configured) => told === configured,
  bindsSharers: false,
  stopsPaused: true,
}
