using System.Runtime.InteropServices;

namespace MsVit.MLNet.Kernels;

/// <summary>Memory from the kernel with a semaphore in front that says whether it is in use; Linux with glibc 2.34 or later.</summary>
/// <remarks>
/// The semaphore is 0 while the block is in use. Releasing the block is a call of <c>sem_post</c> in the C library, so torch can do it
/// without calling managed code: from any thread, even after the runtime has shut down.
/// </remarks>
internal sealed unsafe partial class MemoryBlock
{
    /// <summary>Bytes from the semaphore to the memory: a cache line, so that both are aligned to one.</summary>
    public const int HeaderSize = 64;

    private const nuint HugePage = 2 << 20;
    private const int ReadWrite = 1 | 2;
    private const int PrivateAnonymous = 2 | 0x20;
    private const int AdviseHugePages = 14;

    private readonly nint _mapping;
    private readonly nuint _mapped;

    private MemoryBlock(nint mapping, nuint mapped, nint header, long size) =>
        (_mapping, _mapped, Header, Size) = (mapping, mapped, header, size);

    /// <summary>The address of <c>sem_post</c>, which releases a block given its <see cref="Header"/>; 0 if there is none.</summary>
    public static nint Release { get; } = FindRelease();

    /// <summary>The address of the semaphore.</summary>
    public nint Header { get; }

    /// <summary>Bytes after the header. They begin at a multiple of 2 MiB.</summary>
    public long Size { get; }

    /// <summary>Whether the block is not in use.</summary>
    public bool IsIdle
    {
        get
        {
            _ = GetValue(Header, out var value);
            return value > 0;
        }
    }

    /// <summary>A new block, already in use, or null if the kernel has no memory.</summary>
    public static MemoryBlock? Map(long size)
    {
        var mapped = (nuint)size + HugePage + HeaderSize;
        var mapping = Map(0, mapped, ReadWrite, PrivateAnonymous, -1, 0);
        if (mapping == -1)
        {
            return null;
        }
        var memory = (nint)(((nuint)mapping + HeaderSize + HugePage - 1) & ~(HugePage - 1));
        // Only advice: without huge pages the block works the same.
        _ = Advise(memory, (nuint)size, AdviseHugePages);
        _ = Initialize(memory - HeaderSize, shared: 0, value: 0);
        return new(mapping, mapped, memory - HeaderSize, size);
    }

    /// <summary>Takes the block if it is not in use.</summary>
    public bool TryTake() => TryWait(Header) == 0;

    /// <summary>Returns the memory of a taken block to the kernel.</summary>
    public void Unmap() => _ = Unmap(_mapping, _mapped);

    private static nint FindRelease() =>
        OperatingSystem.IsLinux() && Environment.Is64BitProcess
        && NativeLibrary.TryLoad("libc.so.6", out var libc) && NativeLibrary.TryGetExport(libc, "sem_post", out var post) ? post : 0;

    [LibraryImport("libc.so.6", EntryPoint = "mmap")]
    private static partial nint Map(nint address, nuint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc.so.6", EntryPoint = "munmap")]
    private static partial int Unmap(nint address, nuint length);

    [LibraryImport("libc.so.6", EntryPoint = "madvise")]
    private static partial int Advise(nint address, nuint length, int advice);

    [LibraryImport("libc.so.6", EntryPoint = "sem_init")]
    private static partial int Initialize(nint semaphore, int shared, uint value);

    [LibraryImport("libc.so.6", EntryPoint = "sem_trywait")]
    [SuppressGCTransition]
    private static partial int TryWait(nint semaphore);

    [LibraryImport("libc.so.6", EntryPoint = "sem_getvalue")]
    [SuppressGCTransition]
    private static partial int GetValue(nint semaphore, out int value);
}
