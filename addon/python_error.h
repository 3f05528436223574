#ifndef FLUORITE_PYTHON_ERROR_H_
#define FLUORITE_PYTHON_ERROR_H_

#include "failure.h"

namespace fluorite {

// Clears the current Python exception and describes it: message, code (the exception's own `code` where that
// is a string), pythonType and traceback. With the GIL.
Failure TakePythonError(const char* default_code);

}  // namespace fluorite

#endif  // FLUORITE_PYTHON_ERROR_H_
