using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Loader;
using System.Text;
using TorchSharp;

namespace MsVit.MLNet;

/// <summary>Loads torch's native libraries, even on Linux systems older than the compiler that built them.</summary>
/// <remarks>
/// The published libLibTorchSharp.so needs version GLIBCXX_3.4.32 of the C++ library (GCC 13), which Debian 12, Ubuntu 22.04 and RHEL 9
/// lack, although it uses no symbol of that version. If, and only if, the normal load has failed, a copy is loaded in which that need
/// is marked as weak.
/// </remarks>
internal static class NativeTorch
{
    private const string ShimName = "LibTorchSharp";
    private const string MissingVersion = "GLIBCXX_3.4.32";
    private const string CopyMark = "patched copy in ";

    private static readonly Lock Gate = new();
    private static readonly List<string> Tried = [];
    private static volatile bool _loaded;

    [ModuleInitializer]
    [SuppressMessage("Usage", "CA2255:The 'ModuleInitializer' attribute should not be used in libraries",
        Justification = "Torch must find its native library without any call by the application, before its first use.")]
    internal static void Subscribe()
    {
        // TorchSharp itself is not named, because an application that scores by ONNX Runtime never loads it.
        var context = AssemblyLoadContext.GetLoadContext(typeof(NativeTorch).Assembly) ?? AssemblyLoadContext.Default;
        context.ResolvingUnmanagedDll += Resolve;
        if (context != AssemblyLoadContext.Default)
        {
            AssemblyLoadContext.Default.ResolvingUnmanagedDll += Resolve;
        }
    }

    /// <summary>Ensures that torch can be called. The first call loads it and prepares the process.</summary>
    /// <exception cref="DllNotFoundException">
    /// No native library could be loaded. The message says what was expected and what was tried.
    /// </exception>
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
                LeaveInterruptsToNet();
                OpenMpWaiting.Shorten();
                OneDnnKernels.LimitWhereCachesAreHidden();
                MemoryAllocator.AskForHugePages();
                LoadOpenMpOfPackage();
                if (!NativeLibrary.TryLoad(ShimName, typeof(torch).Assembly, null, out _))
                {
                    throw new DllNotFoundException(DescribeFailure(null));
                }
                MemoryAllocator.KeepFreedBlocks();
                OneDnnKernels.SilenceNnpack();
                TorchThreads.FitToCores(TorchThreads.IsSetByUser);
            }
            catch (Exception e) when (e is TypeInitializationException or NotSupportedException or BadImageFormatException
                or EntryPointNotFoundException)
            {
                throw new DllNotFoundException(DescribeFailure(e), e);
            }
            _loaded = true;
        }
    }

    // Intel's OpenMP for Windows has a Fortran runtime in it, which ends the process at Ctrl-C or when the console closes, before .NET
    // hears of it: training could not save, and a server could not finish its requests.
    private static void LeaveInterruptsToNet()
    {
        if (OperatingSystem.IsWindows())
        {
            NativeEnvironment.SetDefault("FOR_DISABLE_CONSOLE_CTRL_HANDLER", "1");
        }
    }

    // libtorch_cpu.dylib looks for OpenMP where Homebrew puts it. The package's own copy has that path as its install name, so once it is
    // loaded, macOS need not look there. If it cannot be loaded, torch says what is missing.
    private static void LoadOpenMpOfPackage()
    {
        if (OperatingSystem.IsMacOS() && FindBeside(AppContext.BaseDirectory, "libomp.dylib") is { } openMp)
        {
            _ = NativeLibrary.TryLoad(openMp, out _);
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
                Note($"{shim}: not found");
                continue;
            }
            try
            {
                var image = File.ReadAllBytes(shim);
                if (!ElfVersionNeeds.Weaken(image, MissingVersion))
                {
                    Note($"{shim}: the system's loader rejects it, and {MissingVersion} is not the cause");
                    continue;
                }
                // The copy's $ORIGIN is the cache folder, so the libraries beside the original are loaded by full path first.
                var libtorch = FindBeside(folder, "libtorch.so");
                if (libtorch is null)
                {
                    Note($"{shim}: found, but libtorch.so is in none of the folders searched");
                    continue;
                }
                NativeLibrary.Load(libtorch);
                var handle = PatchedCopy.Load($"lib{ShimName}.so", TorchSharpVersion, image, attempt => Note(CopyMark + attempt));
                if (handle != 0)
                {
                    return handle;
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException or DllNotFoundException
                or BadImageFormatException)
            {
                Note($"{shim}: {e.Message}");
            }
        }
        return IntPtr.Zero;
    }

    private static string? FindBeside(string first, string file) =>
        SearchFolders().Prepend(first).Select(folder => Path.Combine(folder, file)).FirstOrDefault(File.Exists);

    /// <summary>The folders that may contain torch's native libraries.</summary>
    public static IEnumerable<string> SearchFolders()
    {
        var listed = (AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") as string ?? "")
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        var beside = Path.GetDirectoryName(typeof(torch).Assembly.Location);
        return new[] { AppContext.BaseDirectory, beside ?? "" }
            .SelectMany(folder => new[] { folder, Path.Combine(folder, "runtimes", PlatformName, "native") })
            .Concat(listed)
            .Where(folder => folder.Length > 0)
            .Select(folder => Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)))
            .Distinct();
    }

    // The system and the processor as packages name them. RuntimeInformation.RuntimeIdentifier may name a distribution.
    private static string SystemName => OperatingSystem.IsWindows() ? "win" : OperatingSystem.IsMacOS() ? "osx" : "linux";

    private static string PlatformName => $"{SystemName}-{RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant()}";

    // Windows says that a library was not found, but not which one of those that it needs.
    private static IReadOnlyList<ImportProblem> Imports()
    {
        if (!OperatingSystem.IsWindows()
            || SearchFolders().Select(folder => Path.Combine(folder, $"{ShimName}.dll")).FirstOrDefault(File.Exists) is not { } shim)
        {
            return [];
        }
        var path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        try
        {
            return ImportCheck.Of(shim, SearchFolders(), [Environment.SystemDirectory, .. path]);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [new($"What {shim} needs could not be checked: {e.Message}")];
        }
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

    /// <summary>
    /// Says what is missing and which package to add, as a complete command with its version; or, if all is there but no folder for the
    /// patched copy can be used, which variable to set.
    /// </summary>
    internal static string DescribeFailure(Exception? cause)
    {
        string[] tried;
        lock (Tried)
        {
            tried = [.. Tried];
        }
        return DescribeFailure(cause, tried, Imports());
    }

    /// <inheritdoc cref="DescribeFailure(Exception?)"/>
    internal static string DescribeFailure(
        Exception? cause, IReadOnlyCollection<string> tried, IReadOnlyList<ImportProblem>? imports = null)
    {
        string[] copies = [.. tried.Where(attempt => attempt.StartsWith(CopyMark, StringComparison.Ordinal))];
        if (copies.Length > 0)
        {
            return $"TorchSharp's native library needs {MissingVersion}, which this system lacks, and no folder can hold "
                + "the copy that does without it. Set XDG_CACHE_HOME or TMPDIR to a folder that this user can write to and load programs "
                + $"from, and that no other user can write to. Tried: {string.Join("; ", copies.Select(copy => copy[CopyMark.Length..]))}";
        }
        var (system, platform) = (SystemName, PlatformName);
        var text = new StringBuilder()
            .AppendLine($"TorchSharp {TorchSharpVersion} could not load its native library, {ShimName}.")
            .AppendLine($"  System:   {RuntimeInformation.OSDescription}, {platform}");
        if (platform is not ("linux-x64" or "win-x64" or "win-arm64" or "osx-arm64"))
        {
            text.AppendLine($"  Note:     TorchSharp has no native library for {platform}.");
        }
        foreach (var (index, problem) in (imports ?? []).Index())
        {
            text.AppendLine($"  {(index == 0 ? "Cause:" : ""),-9} {problem.Message}");
        }
        if (imports is not { Count: > 0 } || imports.Any(problem => !problem.IsOfRuntime))
        {
            AppendPackages(text, system, platform);
        }
        if (system == "win")
        {
            var installer = platform == "win-arm64" ? "vc_redist.arm64.exe" : "vc_redist.x64.exe";
            text.AppendLine($"  Needs:    the Microsoft Visual C++ runtime (14.42 or later): https://aka.ms/vs/17/release/{installer}");
        }
        text.AppendLine($"  Tried:    .NET's own search for {ShimName}");
        foreach (var attempt in tried)
        {
            text.AppendLine($"            {attempt}");
        }
        if (cause is not null)
        {
            text.AppendLine($"  Reason:   {(cause.InnerException ?? cause).Message}");
        }
        return text.ToString().TrimEnd();
    }

    private static void AppendPackages(StringBuilder text, string system, string platform)
    {
        text.AppendLine("  Fix:      add a native package to the application:")
            .AppendLine($"              dotnet add package TorchSharp-cpu --version {TorchSharpVersion}");
        if (TorchSharpVersion == BuiltWith("TorchSharpVersion"))
        {
            text.AppendLine("            or, for this platform alone, which is a smaller download:")
                .AppendLine($"              dotnet add package libtorch-cpu-{platform} --version {BuiltWith("LibTorchVersion")}");
        }
        if (system != "osx")
        {
            var cuda = $"TorchSharp-cuda-{(system == "win" ? "windows" : system)}";
            text.AppendLine("            or, for an NVIDIA GPU:")
                .AppendLine($"              dotnet add package {cuda} --version {TorchSharpVersion}");
        }
    }

    private static string? BuiltWith(string package) => typeof(NativeTorch).Assembly
        .GetCustomAttributes<AssemblyMetadataAttribute>().FirstOrDefault(entry => entry.Key == package)?.Value;
}
