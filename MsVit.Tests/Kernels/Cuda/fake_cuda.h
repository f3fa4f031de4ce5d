// A library that stands in for NVRTC and for the CUDA driver: the signatures are theirs, the kernels those of one variant,
// compiled for the processor. It follows host_after.h.
#line 1 "fake_cuda.h"
#include <stdio.h>

extern "C"
{
int capability = 90;     // the pretended GPU's
int compiles = 1;        // 0: the compiler finds an error
char options[4096];      // what the compiler was last called with
char loaded[64];         // the code that was last loaded
int programs, contexts;  // those not yet destroyed or popped

struct Program
{
    char code[64];
};

const char* nvrtcGetErrorString(int result) { return result == 6 ? "NVRTC_ERROR_COMPILATION" : "NVRTC_ERROR_OTHER"; }

int nvrtcGetNumSupportedArchs(int* count)
{
    *count = 3;
    return 0;
}

int nvrtcGetSupportedArchs(int* architectures)
{
    architectures[0] = 70;
    architectures[1] = 80;
    architectures[2] = 90;
    return 0;
}

int nvrtcCreateProgram(Program** program, const char* source, const char* name, int headers, const char* const*, const char* const*)
{
    if (headers != 0 || !strstr(source, "back_wide") || strcmp(name, "lif.cu"))
    {
        return 3;
    }
    *program = new Program();
    programs++;
    return 0;
}

int nvrtcCompileProgram(Program*, int count, const char* const* given)
{
    options[0] = 0;
    for (int i = 0; i < count; i++)
    {
        strcat(strcat(options, given[i]), " ");
    }
    return compiles ? 0 : 6;
}

static int write(const char* text, char* to)
{
    strcpy(to, text);
    return 0;
}

static int measure(const char* text, size_t* size)
{
    *size = strlen(text) + 1;
    return 0;
}

int nvrtcGetProgramLogSize(Program*, size_t* size) { return measure("slopes.cu(3): error: no such slope\n", size); }
int nvrtcGetProgramLog(Program*, char* log) { return write("slopes.cu(3): error: no such slope\n", log); }
int nvrtcGetCUBINSize(Program*, size_t* size) { return measure("machine code", size); }
int nvrtcGetCUBIN(Program*, char* code) { return write("machine code", code); }
int nvrtcGetPTXSize(Program*, size_t* size) { return measure("PTX", size); }
int nvrtcGetPTX(Program*, char* code) { return write("PTX", code); }

int nvrtcDestroyProgram(Program** program)
{
    delete *program;
    *program = 0;
    programs--;
    return 0;
}

int cuInit(unsigned flags) { return flags; }

int cuGetErrorString(int, const char** text)
{
    *text = "no such device";
    return 0;
}

int cuDeviceGet(int* device, int ordinal)
{
    *device = ordinal + 40;
    return ordinal == 0 ? 0 : 101;
}

int cuDeviceGetAttribute(int* value, int attribute, int device)
{
    *value = attribute == 75 ? capability / 10 : attribute == 76 ? capability % 10 : -1;
    return device == 40 ? 0 : 101;
}

int cuDevicePrimaryCtxRetain(void** context, int device)
{
    *context = &contexts;
    return device == 40 ? 0 : 101;
}

int cuCtxPushCurrent_v2(void* context)
{
    contexts++;
    return context == &contexts ? 0 : 201;
}

int cuCtxPopCurrent_v2(void** context)
{
    *context = &contexts;
    contexts--;
    return 0;
}

int cuModuleLoadData(void** module, const void* image)
{
    snprintf(loaded, sizeof loaded, "%s", (const char*)image);
    *module = loaded;
    return contexts == 1 ? 0 : 201;
}

int cuModuleGetFunction(const char** function, void* module, const char* name)
{
    *function = strdup(name);
    return module == loaded ? 0 : 400;
}

int cuLaunchKernel(
    const char* function, unsigned grid_x, unsigned grid_y, unsigned grid_z, unsigned block_x, unsigned block_y, unsigned block_z,
    unsigned shared_bytes, void* stream, void** parameters, void** extra)
{
    bool plain = grid_y == 1 && grid_z == 1 && block_x == THREADS && block_y == 1 && block_z == 1 && !shared_bytes && !stream && !extra;
    return plain && contexts == 1 ? launch(function, grid_x, (const Pass*)parameters[0]) : 1;
}
}
