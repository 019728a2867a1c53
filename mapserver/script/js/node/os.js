'use strict'
// Fixed values: nothing tells of the host.
module.exports = {
  EOL: '\n', arch: () => 'x64', platform: () => 'linux', type: () => 'Linux', release: () => '0.0.0', version: () => '', machine: () => 'x86_64',
  hostname: () => 'map', homedir: () => binding.root, tmpdir: () => '/tmp', endianness: () => 'LE', uptime: () => binding.clock() / 1e9,
  cpus: () => [{ model: '', speed: 0, times: { user: 0, nice: 0, sys: 0, idle: 0, irq: 0 } }], availableParallelism: () => 1,
  loadavg: () => [0, 0, 0], totalmem: () => binding.limit(), freemem: () => Math.max(0, binding.limit() - binding.memory()),
  networkInterfaces: () => ({}), userInfo: () => ({ username: 'map', uid: 1000, gid: 1000, homedir: binding.root, shell: null }),
  constants: { signals: {}, errno: {} }, getPriority: () => 0, setPriority() {}, devNull: '/dev/null',
}
