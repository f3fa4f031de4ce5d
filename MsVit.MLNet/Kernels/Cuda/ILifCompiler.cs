namespace MsVit.MLNet.Kernels;

/// <summary>Makes kernels for a device. The tests' own compiles the same text for the CPU.</summary>
internal interface ILifCompiler
{
    /// <summary>Compiles the kernels and loads them on the device.</summary>
    /// <exception cref="CudaUnavailableException">It cannot be done here; the message says why.</exception>
    ILifModule Compile(LifVariant variant, int device);
}

/// <summary>Kernels on a device, there for as long as the process.</summary>
internal interface ILifModule
{
    /// <summary>Starts a kernel after what torch has asked of the device so far; it may still run when this returns.</summary>
    /// <param name="kernel">Its name in the text.</param>
    /// <param name="blocks">Blocks of <see cref="LaunchShape.Threads"/> threads.</param>
    /// <param name="pass">Its argument.</param>
    void Launch(string kernel, uint blocks, in LifPass pass);
}
