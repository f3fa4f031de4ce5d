using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using MsVit.MLNet.Kernels;
using MsVit.Tests.Support;

namespace MsVit.Tests.Kernels.Cuda;

/// <summary>Compiles the kernels' own text for the CPU: slow, obvious threads in the place of a GPU.</summary>
public sealed class HostCompiler : ILifCompiler, IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ConcurrentQueue<HostModule> _modules = new();

    /// <summary>The compiler on the path, or null.</summary>
    public static string? Name { get; } = OperatingSystem.IsLinux() ? new[] { "g++", "clang++" }.FirstOrDefault(IsOnPath) : null;

    /// <summary>How many variants were compiled.</summary>
    public int Count => _modules.Count;

    /// <summary>How often each kernel was started.</summary>
    public ConcurrentDictionary<string, int> Launches { get; } = new();

    ILifModule ILifCompiler.Compile(LifVariant variant, int device)
    {
        var module = new HostModule(Load(_folder, variant), Launches);
        _modules.Enqueue(module);
        return module;
    }

    /// <summary>Compiles the kernels and what calls them to a library and loads that.</summary>
    /// <param name="folder">Where the library lies.</param>
    /// <param name="variant">The variant.</param>
    /// <param name="further">Files of this folder to compile after the kernels.</param>
    internal static nint Load(TemporaryFolder folder, LifVariant variant, params string[] further)
    {
        var text = string.Concat([Part("host_before.h"), variant.Source, Part("host_after.h"), .. further.Select(Part)]);
        var source = folder.Write($"{Guid.NewGuid()}.cpp", Encoding.UTF8.GetBytes(text));
        var library = Path.ChangeExtension(source, ".so");
        string[] options = ["-std=c++17", "-O1", "-ffp-contract=off", "-shared", "-fPIC", "-w", .. variant.Macros, source, "-o", library];
        using var process = Process.Start(new ProcessStartInfo(Name!, options) { RedirectStandardError = true })!;
        var messages = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, messages);
        return NativeLibrary.Load(library);
    }

    public void Dispose()
    {
        foreach (var module in _modules)
        {
            module.Dispose();
        }
        _folder.Dispose();
    }

    private static string Part(string file) =>
        File.ReadAllText(RepositoryRoot.File("MsVit.Tests", "Kernels", "Cuda", file));

    private static bool IsOnPath(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Any(folder => File.Exists(Path.Combine(folder, program)));
}

internal sealed unsafe class HostModule(nint library, ConcurrentDictionary<string, int> launches) : ILifModule, IDisposable
{
    private readonly delegate* unmanaged<byte*, uint, LifPass*, int> _launch =
        (delegate* unmanaged<byte*, uint, LifPass*, int>)NativeLibrary.GetExport(library, "launch");

    /// <summary>Bytes of the kernels' argument.</summary>
    public uint PassSize => ((delegate* unmanaged<uint>)NativeLibrary.GetExport(library, "pass_size"))();

    public void Launch(string kernel, uint blocks, in LifPass pass)
    {
        launches.AddOrUpdate(kernel, 1, (_, count) => count + 1);
        var name = Marshal.StringToCoTaskMemUTF8(kernel);
        fixed (LifPass* argument = &pass)
        {
            // 1: no such kernel; 2: some threads wait at a barrier that others never come to.
            Assert.Equal(0, _launch((byte*)name, blocks, argument));
        }
        Marshal.FreeCoTaskMem(name);
    }

    public void Dispose() => NativeLibrary.Free(library);
}
