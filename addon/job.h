#ifndef FLUORITE_JOB_H_
#define FLUORITE_JOB_H_

#include <napi.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "environment.h"
#include "failure.h"
#include "input_buffer.h"
#include "output_buffer.h"
#include "python_api.h"

namespace fluorite {

// What Python made of a job, or the failure to get that far.
struct JobResult {
  std::string envelope;
  std::vector<OutputBuffer> buffers;
  bool failed = false;
  std::optional<Failure> failure;
};

// One call from JavaScript: submitted there, started by a server of the door, finished by any Python thread,
// settled in JavaScript. The order at the end protects the memory that JavaScript lent: Finish releases the
// memoryviews and only then sends the result, and JavaScript's references to the lent views go when the last
// Python object over them is gone, with the result or, where Python kept one, later.
class Job : public std::enable_shared_from_this<Job> {
 public:
  explicit Job(std::shared_ptr<Environment> environment) : environment_(std::move(environment)) {}

  // JavaScript thread. Reads (number, method, envelope, buffers, onProgress); why they are refused, or
  // nothing.
  std::optional<std::string> ReadArguments(const Napi::CallbackInfo& info);
  // The promise of the call; empty when the environment is terminating and the job must not be submitted.
  Napi::Value Begin(Napi::Env env);
  void DeleteReferences(napi_env env);
  int64_t number() const { return number_; }

  // Any thread.
  void Cancel() { cancelled_ = true; }
  bool cancelled() const { return cancelled_; }

  // With the GIL. Calls Python's accept(job, method, envelope, buffers). Where that finishes the job on this
  // thread, the answer waits for SendAnswer.
  void Start(PyObject* accept);
  // On the thread of Start, after it.
  void SendAnswer();

  // With the GIL.
  // True once: who claims the end must Finish, or return the claim.
  bool ClaimEnd() { return !ended_.exchange(true); }
  void ReturnClaim() { ended_ = false; }
  bool ended() const { return ended_; }
  void Finish(JobResult result);
  void SendProgress(const char* envelope, size_t size);
  bool LendInput();
  void ReturnInput();

 private:
  PythonReference CreateInputs();
  void ReleaseViews();
  void DeliverAnswer();
  void Settle(Napi::Env env);
  void ReportProgress(Napi::Env env, const std::string& envelope);
  void Forget(Napi::Env env);

  const std::shared_ptr<Environment> environment_;
  int64_t number_ = 0;
  std::string method_;
  std::string envelope_;
  std::vector<InputBuffer> inputs_;
  bool has_progress_ = false;

  // JavaScript thread only.
  Environment::Clock::time_point asked_;
  napi_deferred deferred_ = nullptr;
  napi_ref on_progress_ = nullptr;
  std::vector<napi_ref> lent_views_;

  // With the GIL only.
  std::vector<PythonReference> views_;

  // Of the thread that finished the job, then of the JavaScript thread.
  JobResult result_;
  // Of the thread that started the job.
  bool answer_waits_ = false;

  std::atomic<bool> cancelled_{false};
  std::atomic<bool> ended_{false};
  // Of the lent views: one for each input that Python can reach, and one for the call.
  std::atomic<size_t> holds_{1};
};

}  // namespace fluorite

#endif  // FLUORITE_JOB_H_
