using System.Runtime.InteropServices;

namespace MsVit.MLNet.Kernels;

/// <summary>
/// Finds the libraries that compile and launch kernels: NVRTC, which is part of torch's CUDA packages, and the driver. Finds NCCL, too.
/// </summary>
/// <param name="folders">The folders that may hold torch's native libraries.</param>
/// <param name="load">Loads a library by its full path, or by its name from the system's search path; returns 0 on failure.</param>
internal sealed class CudaLibraries(IEnumerable<string> folders, Func<string, nint> load)
{
    private static readonly string[] ToolkitVariables = ["CUDA_PATH", "CUDA_HOME"];
    private static readonly string[] NcclNames = ["libnccl.so.2", "libnccl.so"];
    private static readonly string[] ToolkitPlaces = OperatingSystem.IsWindows() ? ["bin", Path.Combine("bin", "x64")] : ["lib64", "lib"];

    /// <summary>The libraries of this process and machine.</summary>
    public static CudaLibraries OfThisProcess() =>
        new(NativeTorch.SearchFolders().Concat(ToolkitFolders()), name => NativeLibrary.TryLoad(name, out var library) ? library : 0);

    /// <summary>The compiler of CUDA C++.</summary>
    /// <exception cref="CudaUnavailableException">It was not found. The message names what was tried.</exception>
    public nint Nvrtc() => First("the run-time compiler NVRTC", [.. NvrtcFiles(), .. NvrtcNames]);

    /// <summary>The CUDA driver, which only NVIDIA's driver package installs.</summary>
    /// <exception cref="CudaUnavailableException">It was not found. The message names what was tried.</exception>
    public nint Driver() => First("the CUDA driver", GpuFacts.DriverNames);

    /// <summary>NCCL, which sums tensors of several GPUs: a library of its own, or linked into torch's.</summary>
    /// <exception cref="CudaUnavailableException">It was not found. The message names what was tried.</exception>
    public nint Nccl() => First(
        "NCCL", [.. NcclNames, .. NcclFiles()], library => NativeLibrary.TryGetExport(library, "ncclAllReduce", out _));

    private static IReadOnlyList<string> NvrtcNames => OperatingSystem.IsWindows()
        ? ["nvrtc64_130_0.dll", "nvrtc64_120_0.dll", "nvrtc64_112_0.dll"]
        : ["libnvrtc.so.13", "libnvrtc.so.12", "libnvrtc.so.11.2", "libnvrtc.so"];

    private nint First(string what, IReadOnlyList<string> names, Func<nint, bool>? isRight = null)
    {
        foreach (var name in names)
        {
            if (load(name) is var library and not 0 && isRight?.Invoke(library) != false)
            {
                return library;
            }
        }
        throw new CudaUnavailableException($"{what} was not found (tried {string.Join(", ", names)}).");
    }

    // torch's packages put a hash into the name: libnvrtc-b51b459d.so.12. NVRTC loads its builtins itself.
    private IEnumerable<string> NvrtcFiles() =>
        from folder in folders.Distinct()
        where Directory.Exists(folder)
        from file in Directory.EnumerateFiles(folder, OperatingSystem.IsWindows() ? "nvrtc64_*.dll" : "libnvrtc*.so*").Order()
        let name = Path.GetFileName(file)
        where !name.Contains("builtins", StringComparison.Ordinal) && !name.Contains("alt", StringComparison.Ordinal)
        select file;

    // Loaded by the full path even if torch has loaded it: the system's search path does not lead there.
    private IEnumerable<string> NcclFiles() =>
        from folder in folders.Distinct()
        from name in NcclNames.Append("libtorch_cuda.so")
        let file = Path.Combine(folder, name)
        where File.Exists(file)
        select file;

    private static IEnumerable<string> ToolkitFolders() =>
        from variable in ToolkitVariables
        let root = Environment.GetEnvironmentVariable(variable)
        where !string.IsNullOrEmpty(root)
        from folder in ToolkitPlaces
        select Path.Combine(root, folder);
}
