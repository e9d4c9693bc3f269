import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";

/** The compilers that reproduce the committed artifacts byte for byte, and how they are called. */

export const ROOT = resolve(__dirname, "../..");
export const PROGRAMS = join(ROOT, "programs");

export const SETUP =
  "apt-get install -y --no-install-recommends rustc-web rust-web-src cargo-web lld-19 llvm-19   (Debian 12)";

const RUSTC = "/usr/bin/rustc";
const CARGO = "/usr/bin/cargo";
const VERSION = "1.96.0";
const SOURCES = `/usr/src/rustc-${VERSION}`;

/** Returns what is missing, in words; an empty list means that the toolchain is complete. */
export function missing(): string[] {
  const files = [RUSTC, CARGO, "/usr/bin/ld.lld-19", "/usr/bin/wasm-ld-19", SOURCES];
  const absent = files.filter((file) => !existsSync(file)).map((file) => `${file} is not there`);
  if (absent.length > 0) return absent;
  const version = execFileSync(RUSTC, ["--version"], { encoding: "utf8" }).split(" ")[1] ?? "";
  return version === VERSION ? [] : [`${RUSTC} is ${version}, the artifacts are of ${VERSION}`];
}

/** How a package becomes WebAssembly: a guest program (no std) or a tool with std. */
export type ModuleKind = "guest" | "std";

/** [bytes] A module that leaks fails by itself, not the process around it. */
const MOST_MEMORY_OF_GUESTS = 2 ** 30;
/** [bytes] All that 32-bit addresses reach: the emulator holds the pages that a program touches, and those of kept states. */
const MOST_MEMORY_OF_TOOLS = 2 ** 32;

/** Compiles a package for the machine and returns the ELF's path. */
export function buildMachine(pack: string, name: string, folder: string): string {
  const flags = [
    "-Cpasses=lower-atomic",
    "-Clinker=ld.lld-19",
    "-Clinker-flavor=ld.lld",
    `-Clink-arg=-T${join(PROGRAMS, "toolchain/link.x")}`,
    "-Clink-arg=--build-id=none",
    "-Clink-arg=--strip-all",
    "-Crelocation-model=static",
  ];
  const target = join(PROGRAMS, "toolchain/riscv64im-guest.json");
  cargo(folder, flags, [
    ...["build", "--release", "-p", pack, "--bin", name, "--features", "machine", "--target", target],
    ...["-Zjson-target-spec", "-Zbuild-std=core,alloc", "-Zbuild-std-features=compiler-builtins-mem"],
  ]);
  return join(folder, "riscv64im-guest/release", name);
}

/** Compiles a package's library to WebAssembly and returns the module's path. */
export function buildWebAssembly(pack: string, name: string, kind: ModuleKind, folder: string): string {
  const flags = [
    "-Clinker=wasm-ld-19",
    "-Clinker-flavor=wasm-ld",
    "-Ctarget-feature=+bulk-memory,+sign-ext,+nontrapping-fptoint,+mutable-globals",
    "-Clink-arg=--strip-all",
    `-Clink-arg=--max-memory=${kind === "std" ? MOST_MEMORY_OF_TOOLS : MOST_MEMORY_OF_GUESTS}`,
  ];
  const std = kind === "std" ? "std,panic_abort" : "core,alloc,panic_abort";
  cargo(folder, flags, [
    ...["rustc", "--release", "-p", pack, "--lib", "--crate-type", "cdylib"],
    ...["--target", "wasm32-unknown-unknown", `-Zbuild-std=${std}`],
  ]);
  return join(folder, "wasm32-unknown-unknown/release", `${name}.wasm`);
}

function cargo(folder: string, flags: string[], args: string[]): void {
  const home = process.env.CARGO_HOME ?? join(homedir(), ".cargo");
  // places in the source would change with every comment
  const remap = [
    "-Zlocation-detail=none",
    `--remap-path-prefix=${PROGRAMS}=/programs`,
    `--remap-path-prefix=${home}=/cargo`,
    `--remap-path-prefix=${SOURCES}=/rust`,
  ];
  execFileSync(CARGO, [...args, "--locked", "--target-dir", folder], {
    cwd: PROGRAMS,
    stdio: ["ignore", "inherit", "inherit"],
    env: {
      PATH: "/usr/bin:/bin",
      HOME: homedir(),
      CARGO_HOME: home,
      RUSTC_BOOTSTRAP: "1",
      CARGO_ENCODED_RUSTFLAGS: [...flags, ...remap].join("\x1f"),
      ...(process.env.HTTPS_PROXY ? { HTTPS_PROXY: process.env.HTTPS_PROXY } : {}),
    },
  });
}
