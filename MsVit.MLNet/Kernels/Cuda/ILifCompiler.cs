namespace MsVit.MLNet.Kernels;

/// <summary>Compiles the kernels for a device. The tests have one that compiles the same source for the CPU.</summary>
internal interface ILifCompiler
{
    /// <summary>Compiles the kernels and loads them on the device.</summary>
    /// <exception cref="CudaUnavailableException">The kernels are not available. The message says why.</exception>
    ILifModule Compile(LifVariant variant, int device);
}

/// <summary>Kernels on a device, loaded for the lifetime of the process.</summary>
internal interface ILifModule
{
    /// <summary>Launches a kernel after all work that torch has queued on the device. It may still run when this returns.</summary>
    /// <param name="kernel">Its name in the source.</param>
    /// <param name="blocks">The number of blocks of <see cref="LaunchShape.Threads"/> threads.</param>
    /// <param name="pass">Its argument.</param>
    void Launch(string kernel, uint blocks, in LifPass pass);

    /// <summary>Why the kernels for a batch norm in front of the neurons must not be used; null (the default) if they may be.</summary>
    string? NormFailure => null;
}

/// <summary>The kernels are not available on this machine. The message says in one line what is missing or what failed.</summary>
internal sealed class CudaUnavailableException : Exception
{
    public CudaUnavailableException(string message)
        : base(message)
    {
    }

    public CudaUnavailableException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
