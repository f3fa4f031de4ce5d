// A library that stands in for NCCL and for the CUDA driver: the signatures are theirs, the ranks are processes of one host, tensors lie
// in the memory of the CPU, and sums go over shared memory. A sum has ended at once, but events say so only when asked a third time.
#include <atomic>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

extern "C"
{
int contexts, events, streams, groups;  // those not yet popped, destroyed or left
int sums;                               // how many sums were begun
int fails;                              // 1: sums fail

const int Slot = 1 << 16;

struct Shared
{
    std::atomic<int> arrived, round, left;
    char slots[8][Slot];
};

struct Group
{
    Shared* shared;
    int rank, size;
    char name[64];
};

struct Id
{
    char text[128];
};

struct Event
{
    int asked;
};

static void barrier(Group* group)
{
    int round = group->shared->round;
    if (++group->shared->arrived == group->size)
    {
        group->shared->arrived = 0;
        group->shared->round++;
        return;
    }
    while (group->shared->round == round)
    {
        sched_yield();
    }
}

const char* ncclGetErrorString(int result) { return result == 3 ? "a pretended failure" : "unknown"; }

int ncclGetUniqueId(Id* id)
{
    memset(id, 0, sizeof(Id));
    snprintf(id->text, sizeof(id->text), "/msvit-fake-nccl-%d", getpid());
    // The end of the identifier must come along.
    id->text[127] = 77;
    return 0;
}

int ncclCommInitRank(Group** made, int size, Id id, int rank)
{
    if (contexts != 1 || id.text[127] != 77 || size > 8)
    {
        return 4;
    }
    int file = shm_open(id.text, O_CREAT | O_RDWR, 0600);
    if (file < 0 || ftruncate(file, sizeof(Shared)) != 0)
    {
        return 2;
    }
    Group* group = (Group*)calloc(1, sizeof(Group));
    group->shared = (Shared*)mmap(0, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    close(file);
    group->rank = rank;
    group->size = size;
    snprintf(group->name, sizeof(group->name), "%s", id.text);
    barrier(group);
    groups++;
    *made = group;
    return 0;
}

int ncclAllReduce(const void* from, void* to, size_t count, int type, int operation, Group* group, void* stream)
{
    if (fails)
    {
        return 3;
    }
    size_t bytes = count * (type == 8 ? 8 : 4);
    if ((type != 7 && type != 8) || operation != 0 || bytes > Slot || !stream || contexts != 1)
    {
        return 4;
    }
    memcpy(group->shared->slots[group->rank], from, bytes);
    barrier(group);
    for (size_t i = 0; i < count; i++)
    {
        double sum = 0;
        for (int rank = 0; rank < group->size; rank++)
        {
            sum += type == 8 ? ((double*)group->shared->slots[rank])[i] : ((float*)group->shared->slots[rank])[i];
        }
        if (type == 8)
        {
            ((double*)to)[i] = sum;
        }
        else
        {
            ((float*)to)[i] = (float)sum;
        }
    }
    barrier(group);
    sums++;
    return 0;
}

int ncclCommGetAsyncError(Group*, int* error)
{
    *error = 0;
    return 0;
}

int ncclCommDestroy(Group* group)
{
    shm_unlink(group->name);
    munmap(group->shared, sizeof(Shared));
    free(group);
    groups--;
    return 0;
}

int ncclCommAbort(Group* group) { return ncclCommDestroy(group); }

int cuInit(unsigned) { return 0; }

int cuGetErrorString(int, const char** text)
{
    *text = "pretended";
    return 0;
}

int cuDeviceGet(int* device, int)
{
    *device = 0;
    return 0;
}

int cuDevicePrimaryCtxRetain(void** context, int)
{
    *context = &contexts;
    return 0;
}

int cuCtxPushCurrent_v2(void* context)
{
    contexts++;
    return context == &contexts ? 0 : 1;
}

int cuCtxPopCurrent_v2(void**)
{
    contexts--;
    return 0;
}

int cuLaunchKernel() { return 1; }

int cuStreamCreate(void** stream, unsigned flags)
{
    streams++;
    *stream = &streams;
    return flags == 1 ? 0 : 1;
}

int cuStreamWaitEvent(void* stream, Event* event, unsigned) { return stream && event ? 0 : 1; }

int cuStreamDestroy_v2(void*)
{
    streams--;
    return 0;
}

int cuEventCreate(Event** event, unsigned)
{
    events++;
    *event = (Event*)calloc(1, sizeof(Event));
    return 0;
}

int cuEventRecord(Event*, void*) { return 0; }

int cuEventQuery(Event* event) { return ++event->asked < 3 ? 600 : 0; }

int cuEventDestroy_v2(Event* event)
{
    free(event);
    events--;
    return 0;
}
}
