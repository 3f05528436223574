#ifndef FLUORITE_PYTHON_CALLBACKS_H_
#define FLUORITE_PYTHON_CALLBACKS_H_

#include <memory>

#include "job.h"
#include "python_api.h"

// What Python sees of the addon. All with the GIL.

namespace fluorite {

// The handle of a job in Python. Its end before complete() rejects the promise with JOB_DROPPED.
PyObject* CreateJobCapsule(std::shared_ptr<Job> job);

// Calls start(complete, progress, cancelled, enter, leave, serve); null with an exception.
PyObject* CallStart(PyObject* start);

}  // namespace fluorite

#endif  // FLUORITE_PYTHON_CALLBACKS_H_
