using System.Runtime.InteropServices;

namespace MsVit.MLNet.Kernels;

/// <summary>Memory straight from the kernel, behind a semaphore that says whether somebody uses it; Linux with glibc 2.34 or later.</summary>
/// <remarks>
/// The semaphore stands at 0 while the block is in use. Whoever is done with it calls <c>sem_post</c>, a function of the C library, and
/// so torch can do that itself: from any thread, after the runtime is gone too, and without a call into managed code.
/// </remarks>
internal sealed unsafe partial class MemoryBlock
{
    /// <summary>Bytes from the semaphore to the memory: a cache line, so both are aligned to one.</summary>
    public const int HeaderSize = 64;

    private const nuint HugePage = 2 << 20;
    private const int ReadWrite = 1 | 2;
    private const int PrivateAnonymous = 2 | 0x20;
    private const int AdviseHugePages = 14;

    private readonly nint _mapping;
    private readonly nuint _mapped;

    private MemoryBlock(nint mapping, nuint mapped, nint header, long size) => (_mapping, _mapped, Header, Size) = (mapping, mapped, header, size);

    /// <summary>The address of the C library's <c>sem_post</c>, which gives a block back by its <see cref="Header"/>; 0 where there is none.</summary>
    public static nint GiveBack { get; } = FindGiveBack();

    /// <summary>Where the semaphore is.</summary>
    public nint Header { get; }

    /// <summary>Bytes behind the header. They begin at a multiple of 2 MiB.</summary>
    public long Size { get; }

    /// <summary>Whether nobody uses the block.</summary>
    public bool IsIdle
    {
        get
        {
            _ = GetValue(Header, out var value);
            return value > 0;
        }
    }

    /// <summary>A new block, in use already; null where the kernel has no memory.</summary>
    public static MemoryBlock? Map(long size)
    {
        var mapped = (nuint)size + HugePage + HeaderSize;
        var mapping = Map(0, mapped, ReadWrite, PrivateAnonymous, -1, 0);
        if (mapping == -1)
        {
            return null;
        }
        var memory = (nint)(((nuint)mapping + HeaderSize + HugePage - 1) & ~(HugePage - 1));
        // The kernel may not have them: then the pages are small ones, and nothing else is different.
        _ = Advise(memory, (nuint)size, AdviseHugePages);
        _ = Initialize(memory - HeaderSize, shared: 0, value: 0);
        return new(mapping, mapped, memory - HeaderSize, size);
    }

    /// <summary>Takes the block if nobody uses it.</summary>
    public bool TryTake() => TryWait(Header) == 0;

    /// <summary>Gives the memory of a block that has been taken back to the kernel.</summary>
    public void Unmap() => _ = Unmap(_mapping, _mapped);

    private static nint FindGiveBack() =>
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
