using System.Runtime.InteropServices;

namespace MsVit.MLNet.Kernels;

/// <summary>Finds the libraries that compile and start kernels: NVRTC, which torch's CUDA packages bring, and the driver's.</summary>
/// <param name="folders">Where torch's native libraries may lie.</param>
/// <param name="load">Loads a library by its full path, or by its name from where the system looks; 0 where that fails.</param>
internal sealed class CudaLibraries(IEnumerable<string> folders, Func<string, nint> load)
{
    private static readonly string[] ToolkitVariables = ["CUDA_PATH", "CUDA_HOME"];
    private static readonly string[] ToolkitPlaces = OperatingSystem.IsWindows() ? ["bin", Path.Combine("bin", "x64")] : ["lib64", "lib"];

    /// <summary>The libraries of this process and machine.</summary>
    public static CudaLibraries OfThisProcess() =>
        new(NativeTorch.SearchFolders().Concat(ToolkitFolders()), name => NativeLibrary.TryLoad(name, out var library) ? library : 0);

    /// <summary>The compiler of CUDA C++.</summary>
    /// <exception cref="CudaUnavailableException">It is not there; the message names what was tried.</exception>
    public nint Nvrtc() => First("the run-time compiler NVRTC", [.. NvrtcFiles(), .. NvrtcNames]);

    /// <summary>The driver's library, which only the driver itself installs.</summary>
    /// <exception cref="CudaUnavailableException">It is not there; the message names what was tried.</exception>
    public nint Driver() => First("the CUDA driver", GpuFacts.DriverNames);

    private static IReadOnlyList<string> NvrtcNames => OperatingSystem.IsWindows()
        ? ["nvrtc64_130_0.dll", "nvrtc64_120_0.dll", "nvrtc64_112_0.dll"]
        : ["libnvrtc.so.13", "libnvrtc.so.12", "libnvrtc.so.11.2", "libnvrtc.so"];

    private nint First(string what, IReadOnlyList<string> names)
    {
        foreach (var name in names)
        {
            if (load(name) is var library and not 0)
            {
                return library;
            }
        }
        throw new CudaUnavailableException($"{what} was not found (tried {string.Join(", ", names)}).");
    }

    // Torch's packages put a hash into the name: libnvrtc-b51b459d.so.12. The builtins are NVRTC's own to load.
    private IEnumerable<string> NvrtcFiles() =>
        from folder in folders.Distinct()
        where Directory.Exists(folder)
        from file in Directory.EnumerateFiles(folder, OperatingSystem.IsWindows() ? "nvrtc64_*.dll" : "libnvrtc*.so*").Order()
        where Path.GetFileName(file) is var name && !name.Contains("builtins", StringComparison.Ordinal) && !name.Contains("alt", StringComparison.Ordinal)
        select file;

    private static IEnumerable<string> ToolkitFolders() =>
        from variable in ToolkitVariables
        let root = Environment.GetEnvironmentVariable(variable)
        where !string.IsNullOrEmpty(root)
        from folder in ToolkitPlaces
        select Path.Combine(root, folder);
}
