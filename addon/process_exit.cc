#include "process_exit.h"

#include <dlfcn.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <thread>

namespace fluorite {

namespace {

std::atomic<bool> exiting{false};
std::atomic<int> working{0};

#if defined(__GLIBC__)
void OnExit(int status, void*) {
  exiting = true;
  if (working == 0) return;
  // What Node's own handlers, which _exit leaves out, would do: a terminal in raw mode outlives the process.
  auto reset_terminal = reinterpret_cast<int (*)()>(dlsym(RTLD_DEFAULT, "uv_tty_reset_mode"));
  if (reset_terminal != nullptr) reset_terminal();
  std::fflush(nullptr);
  _exit(status);
}
#else
// The exit code is out of reach here, so that work in progress gets a moment to end instead.
void OnExit() {
  exiting = true;
  auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(2);
  while (working > 0 && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}
#endif

}  // namespace

bool EnterWork() {
  // Sequentially consistent, as in the handler: either it sees this work, or this thread sees the exit.
  working.fetch_add(1);
  if (!exiting) return true;
  working.fetch_sub(1);
  return false;
}

void LeaveWork() { working.fetch_sub(1); }

void SleepForever() {
  for (;;) pause();
}

void RegisterExitHandler() {
#if defined(__GLIBC__)
  on_exit(OnExit, nullptr);
#else
  std::atexit(OnExit);
#endif
}

}  // namespace fluorite
