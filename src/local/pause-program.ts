/**
 * The program of the pause image: a static ELF executable that holds a pod's namespaces. It blocks SIGTERM and SIGINT and
 * waits for one of them: a first process in a pid namespace never gets a signal that it neither handles nor blocks. It
 * ignores SIGCHLD, so that the kernel reaps the orphans of pods that share processes.
 */
export type PauseArchitecture = 'amd64' | 'arm64';

const loadAddress = 0x400000;
const headerBytes = 64 + 56;

const sigint = 2;
const sigterm = 15;
const sigchld = 17;

/** What the code points to: a `struct sigaction` that ignores, then the set of signals to wait for. */
const data = Buffer.alloc(40);
data.writeBigUInt64LE(1n, 0);
data.writeBigUInt64LE((1n << BigInt(sigterm - 1)) | (1n << BigInt(sigint - 1)), 32);
const actionOffset = 0;
const signalsOffset = 32;

export function pauseProgram(architecture: PauseArchitecture): Buffer {
  const size = code(architecture, 0).length;
  const dataOffset = Math.ceil((headerBytes + size) / 8) * 8;
  const program = Buffer.alloc(dataOffset + data.length);
  program.set(code(architecture, dataOffset), headerBytes);
  program.set(data, dataOffset);
  writeElfHeader(program, architecture);
  writeLoadHeader(program);
  return program;
}

/** `dataOffset`: where {@link data} is in the file. */
function code(architecture: PauseArchitecture, dataOffset: number): Buffer {
  return architecture === 'amd64' ? amd64(loadAddress + dataOffset) : arm64(dataOffset);
}

/** System calls: rt_sigaction 13, rt_sigprocmask 14, rt_sigtimedwait 128, exit 60. */
function amd64(dataAddress: number): Buffer {
  const word = (value: number): number[] => [0, 8, 16, 24].map((shift) => (value >>> shift) & 0xff);
  const action = word(dataAddress + actionOffset);
  const signals = word(dataAddress + signalsOffset);
  const syscall = [0x0f, 0x05];
  const wait = [
    ...[0xb8, ...word(128)], // mov eax, 128
    ...[0xbf, ...signals], // mov edi, signals
    ...[0x31, 0xf6], // xor esi, esi
    ...[0x31, 0xd2], // xor edx, edx
    ...syscall,
    ...[0x85, 0xc0], // test eax, eax
  ];
  return Buffer.from([
    ...[0xb8, ...word(13)], // mov eax, 13
    ...[0xbf, ...word(sigchld)], // mov edi, SIGCHLD
    ...[0xbe, ...action], // mov esi, action
    ...[0x31, 0xd2], // xor edx, edx
    ...[0x41, 0xba, ...word(8)], // mov r10d, 8
    ...syscall,
    ...[0xb8, ...word(14)], // mov eax, 14
    ...[0x31, 0xff], // xor edi, edi
    ...[0xbe, ...signals], // mov esi, signals
    ...[0x31, 0xd2], // xor edx, edx
    ...syscall,
    ...wait,
    ...[0x7e, 0x100 - (wait.length + 2)], // jle wait
    ...[0xb8, ...word(60)], // mov eax, 60
    ...[0x31, 0xff], // xor edi, edi
    ...syscall,
  ]);
}

/** System calls: rt_sigaction 134, rt_sigprocmask 135, rt_sigtimedwait 137, exit 93. */
function arm64(dataOffset: number): Buffer {
  const words: number[] = [];
  const move = (register: number, value: number) => words.push(0xd2800000 | (value << 5) | register);
  const address = (register: number, offset: number) => {
    const distance = dataOffset + offset - (headerBytes + words.length * 4);
    words.push(0x10000000 | ((distance & 3) << 29) | (((distance >> 2) & 0x7ffff) << 5) | register);
  };
  const call = (number: number) => {
    move(8, number);
    words.push(0xd4000001);
  };
  move(0, sigchld);
  address(1, actionOffset);
  move(2, 0);
  move(3, 8);
  call(134);
  move(0, 0);
  address(1, signalsOffset);
  move(2, 0);
  call(135);
  const wait = words.length;
  address(0, signalsOffset);
  move(1, 0);
  move(2, 0);
  call(137);
  words.push(0x7100001f); // cmp w0, #0
  words.push(0x54000000 | (((wait - words.length) & 0x7ffff) << 5) | 0xd); // b.le wait
  move(0, 0);
  call(93);
  const bytes = Buffer.alloc(words.length * 4);
  words.forEach((word, index) => bytes.writeUInt32LE(word >>> 0, index * 4));
  return bytes;
}

function writeElfHeader(program: Buffer, architecture: PauseArchitecture): void {
  program.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]); // 64 bits, little-endian
  program.writeUInt16LE(2, 16); // executable
  program.writeUInt16LE(architecture === 'amd64' ? 62 : 183, 18);
  program.writeUInt32LE(1, 20);
  program.writeBigUInt64LE(BigInt(loadAddress + headerBytes), 24); // entry
  program.writeBigUInt64LE(64n, 32); // program headers
  program.writeUInt16LE(64, 52);
  program.writeUInt16LE(56, 54);
  program.writeUInt16LE(1, 56);
}

function writeLoadHeader(program: Buffer): void {
  const at = 64;
  program.writeUInt32LE(1, at); // load
  program.writeUInt32LE(5, at + 4); // readable, executable
  program.writeBigUInt64LE(0n, at + 8);
  program.writeBigUInt64LE(BigInt(loadAddress), at + 16);
  program.writeBigUInt64LE(BigInt(loadAddress), at + 24);
  program.writeBigUInt64LE(BigInt(program.length), at + 32);
  program.writeBigUInt64LE(BigInt(program.length), at + 40);
  program.writeBigUInt64LE(0x10000n, at + 48);
}
