#include "door.h"

#include <sched.h>

#include <utility>

#include "job.h"
#include "process_exit.h"

namespace fluorite {

namespace {

// Waking a thread takes some 35 us where its processor has gone idle and is a virtual one: JavaScript needs
// that to wake for an answer, and then a moment to make its next call.
constexpr auto kLongestWatch = std::chrono::microseconds(100);
// A server that slept until it was called within this time would have been called while it watched.
constexpr auto kBrisk = std::chrono::microseconds(150);

void Pause() {
#if defined(__x86_64__)
  for (int count = 0; count < 16; ++count) __builtin_ia32_pause();
#elif defined(__aarch64__)
  for (int count = 0; count < 16; ++count) asm volatile("isb");
#endif
}

// A number that differs from that of threads on other processors.
int CurrentProcessor() {
#if defined(__linux__)
  return sched_getcpu();
#else
  static std::atomic<int> threads{0};
  thread_local const int thread = threads++;
  return thread;
#endif
}

}  // namespace

bool Door::Submit(std::shared_ptr<Job> job) {
  int own_processor = CurrentProcessor();
  caller_processor_ = own_processor;
  std::unique_lock<std::mutex> lock(mutex_);
  jobs_.push_back(std::move(job));
  Server* server = CallServer();
  if (server == nullptr) return false;
  int processor = server->processor;
  lock.unlock();
  server->woken.notify_one();
  return processor != kNowhere && processor != own_processor;
}

void Door::Serve(const PythonReference& accept) {
  Server server;
  std::shared_ptr<Job> served;
  if (!EnterWork()) {
    python.PyEval_SaveThread();
    SleepForever();
  }
  for (;;) {
    std::shared_ptr<Job> next = TakeOrRest(server);
    if (next) {
      if (served) served->SendAnswer();
      served = std::move(next);
      served->Start(accept.get());
      continue;
    }
    PyThreadState* state = python.PyEval_SaveThread();
    LeaveWork();
    // Only now: JavaScript may run at once on this processor, and what it submits finds this server resting
    // but awake, with neither the GIL nor a wake-up in its way.
    if (served) std::exchange(served, nullptr)->SendAnswer();
    AwaitCall(server);
    if (!EnterWork()) SleepForever();
    python.PyEval_RestoreThread(state);
  }
}

std::shared_ptr<Job> Door::TakeOrRest(Server& server) {
  std::unique_lock<std::mutex> lock(mutex_);
  if (server.called.exchange(false)) awaits_server_ = false;
  if (jobs_.empty()) {
    resting_.push_back(&server);
    return nullptr;
  }
  std::shared_ptr<Job> job = std::move(jobs_.front());
  jobs_.pop_front();
  Server* second = jobs_.empty() ? nullptr : CallServer();
  lock.unlock();
  if (second != nullptr) second->woken.notify_one();
  return job;
}

void Door::AwaitCall(Server& server) {
  auto rested = Clock::now();
  if (brisk_ && caller_processor_ != CurrentProcessor() && !watched_.exchange(true)) {
    Watch(server, rested);
    watched_ = false;
  }
  std::unique_lock<std::mutex> lock(mutex_);
  server.processor = kNowhere;
  server.woken.wait(lock, [&server] { return server.called.load(); });
  lock.unlock();
  brisk_ = Clock::now() - rested < kBrisk;
}

void Door::Watch(Server& server, Clock::time_point rested) {
  server.processor = CurrentProcessor();
  while (!server.called) {
    if (Clock::now() - rested > kLongestWatch) break;
    Pause();
  }
}

Door::Server* Door::CallServer() {
  if (awaits_server_ || resting_.empty()) return nullptr;
  awaits_server_ = true;
  Server* server = resting_.back();
  resting_.pop_back();
  server->called = true;
  return server;
}

}  // namespace fluorite
