using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Loader;
using System.Text;
using TorchSharp;

namespace MsVit.MLNet;

/// <summary>Loads torch's native libraries, on Linux systems older than the compiler they were built with too.</summary>
/// <remarks>
/// The published libLibTorchSharp.so asks for version GLIBCXX_3.4.32 of the C++ library (GCC 13), which Debian 12, Ubuntu
/// 22.04 and RHEL 9 lack; nothing in it refers to a symbol of that version. When, and only when, the normal load has failed,
/// a copy in which that one need is marked as weak is loaded instead.
/// </remarks>
internal static class NativeTorch
{
    private const string ShimName = "LibTorchSharp";
    private const string MissingVersion = "GLIBCXX_3.4.32";

    private static readonly Lock Gate = new();
    private static readonly List<string> Tried = [];
    private static volatile bool _loaded;

    [ModuleInitializer]
    [SuppressMessage("Usage", "CA2255:The 'ModuleInitializer' attribute should not be used in libraries",
        Justification = "Torch must find its native library without any call by the application, before its first use.")]
    internal static void Subscribe()
    {
        var context = AssemblyLoadContext.GetLoadContext(typeof(torch).Assembly) ?? AssemblyLoadContext.Default;
        context.ResolvingUnmanagedDll += Resolve;
    }

    /// <summary>Makes sure that torch can be called; the first call loads it and sets the process up for it.</summary>
    /// <exception cref="DllNotFoundException">No native library could be loaded; the message says what was expected and tried.</exception>
    public static void EnsureLoaded()
    {
        if (_loaded)
        {
            return;
        }
        lock (Gate)
        {
            if (_loaded)
            {
                return;
            }
            try
            {
                OpenMpWaiting.Shorten();
                MemoryAllocator.AskForHugePages();
                if (!NativeLibrary.TryLoad(ShimName, typeof(torch).Assembly, null, out _))
                {
                    throw new DllNotFoundException(DescribeFailure(null));
                }
                MemoryAllocator.KeepFreedBlocks();
                TorchThreads.FitToCores();
            }
            catch (Exception e) when (e is TypeInitializationException or NotSupportedException or BadImageFormatException or EntryPointNotFoundException)
            {
                throw new DllNotFoundException(DescribeFailure(e), e);
            }
            _loaded = true;
        }
    }

    private static IntPtr Resolve(Assembly assembly, string name)
    {
        if (!OperatingSystem.IsLinux() || !name.Contains(ShimName, StringComparison.Ordinal))
        {
            return IntPtr.Zero;
        }
        foreach (var folder in SearchFolders())
        {
            var shim = Path.Combine(folder, $"lib{ShimName}.so");
            if (!File.Exists(shim))
            {
                Note($"{shim}: not there");
                continue;
            }
            try
            {
                var image = File.ReadAllBytes(shim);
                if (!ElfVersionNeeds.Weaken(image, MissingVersion))
                {
                    Note($"{shim}: the system's loader refuses it, and not for the want of {MissingVersion}");
                    continue;
                }
                // The copy's $ORIGIN is the cache folder, so the libraries beside the original are loaded by full path first.
                var libtorch = FindBeside(folder, "libtorch.so");
                if (libtorch is null)
                {
                    Note($"{shim}: there, but no libtorch.so in any searched folder");
                    continue;
                }
                NativeLibrary.Load(libtorch);
                var copy = PatchedCopy.Write($"lib{ShimName}.so", TorchSharpVersion, image);
                if (NativeLibrary.TryLoad(copy, out var handle))
                {
                    return handle;
                }
                Note($"{copy} (the same with {MissingVersion} made weak): refused by the system's loader");
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException or DllNotFoundException or BadImageFormatException)
            {
                Note($"{shim}: {e.Message}");
            }
        }
        return IntPtr.Zero;
    }

    private static string? FindBeside(string first, string file) =>
        SearchFolders().Prepend(first).Select(folder => Path.Combine(folder, file)).FirstOrDefault(File.Exists);

    /// <summary>The folders in which torch's native libraries may lie.</summary>
    public static IEnumerable<string> SearchFolders()
    {
        var listed = (AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") as string ?? "")
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        var beside = Path.GetDirectoryName(typeof(torch).Assembly.Location);
        return new[] { AppContext.BaseDirectory, beside ?? "" }
            .SelectMany(folder => new[] { folder, Path.Combine(folder, "runtimes", "linux-x64", "native") })
            .Concat(listed)
            .Where(folder => folder.Length > 0)
            .Select(folder => Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)))
            .Distinct();
    }

    private static void Note(string attempt)
    {
        lock (Tried)
        {
            if (!Tried.Contains(attempt))
            {
                Tried.Add(attempt);
            }
        }
    }

    private static string TorchSharpVersion => typeof(torch).Assembly
        .GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "unknown";

    private static string DescribeFailure(Exception? cause)
    {
        var platform = OperatingSystem.IsWindows() ? "win-x64" : OperatingSystem.IsMacOS() ? "osx-arm64" : "linux-x64";
        var text = new StringBuilder()
            .AppendLine($"The native library of TorchSharp {TorchSharpVersion} does not load.")
            .AppendLine($"  System:   {RuntimeInformation.OSDescription}, {RuntimeInformation.ProcessArchitecture} ({RuntimeInformation.RuntimeIdentifier})")
            .AppendLine($"  Expected: the application references TorchSharp-cpu {TorchSharpVersion} (or TorchSharp-cuda-windows, TorchSharp-cuda-linux of that version);")
            .AppendLine($"            for the CPU alone, libtorch-cpu-{platform} of the version that TorchSharp {TorchSharpVersion} names is enough.")
            .AppendLine("  Tried:    the normal search of .NET for " + ShimName);
        lock (Tried)
        {
            foreach (var attempt in Tried)
            {
                text.AppendLine($"            {attempt}");
            }
        }
        if (RuntimeInformation.ProcessArchitecture is not (Architecture.X64 or Architecture.Arm64) || !Environment.Is64BitProcess)
        {
            text.AppendLine("  Note:     torch needs a 64-bit process.");
        }
        if (OperatingSystem.IsWindows() && TorchSharpVersion.StartsWith("0.107.0", StringComparison.Ordinal))
        {
            text.AppendLine("  Note:     the Windows library of TorchSharp 0.107.0 is reported not to match its libtorch (github.com/dotnet/TorchSharp/issues/1567).")
                .AppendLine("            Use TorchSharp 0.105.1 there; in this repository: -p:TorchSharpVersion=0.105.1.");
        }
        if (cause is not null)
        {
            text.AppendLine($"  Reason:   {(cause.InnerException ?? cause).Message}");
        }
        return text.ToString().TrimEnd();
    }
}
