using System.Reflection.PortableExecutable;
using System.Text.Json;
using MsVit.Tests.Support;

namespace MsVit.Tests.Packaging;

/// <summary>What the tool's package for this platform holds.</summary>
/// <remarks>The tool is not packed here, because compressing libtorch takes long: MSBuild lists the files that would be packed.</remarks>
public sealed class ToolPackageTests
{
    private static readonly Lazy<JsonElement> Packed = new(() => Evaluate("MsVit.Trainer"));

    [SdkFact]
    public void The_tool_says_who_made_it_and_under_which_license()
    {
        var properties = Packed.Value.GetProperty("Properties");
        string? Value(string name) => properties.GetProperty(name).GetString();
        Assert.Equal("MIT", Value("PackageLicenseExpression"));
        Assert.Equal("MsVit contributors", Value("Authors"));
        Assert.Equal("README.md", Value("PackageReadmeFile"));
        Assert.Equal("icon.png", Value("PackageIcon"));
        Assert.Equal("msvit", Value("ToolCommandName"));
    }

    [SdkFact]
    public void The_tool_carries_the_native_libraries_of_this_platform_and_of_no_other()
    {
        var natives = Files().Where(file => IsNative(file.Source)).ToArray();
        foreach (var library in new[] { "torch", "torch_cpu", "c10", "LibTorchSharp", "SkiaSharp", "e_sqlite3", "onnxruntime" })
        {
            Assert.Contains(natives, file => LibraryName(file.Target) == library);
        }

        AreOf(Packed.Value.GetProperty("Properties").GetProperty("ToolPackageRuntimeIdentifiers").GetString()!, natives);
    }

    [WindowsPackagesTheory]
    [InlineData("MsVit.Trainer", "onnxruntime", "libiomp5md", "e_sqlite3")]
    [InlineData("MsVit.Samples", "libSkiaSharp")]
    public void A_program_published_for_Windows_carries_the_native_libraries_of_Windows_and_of_no_other(
        string project, params string[] others)
    {
        // Elsewhere, so that what is restored for this platform stays.
        using var folder = new TemporaryFolder();
        var natives = Files(Evaluate(project, "-restore", "-p:RuntimeIdentifier=win-x64", $"-p:ArtifactsPath={folder.Path}"))
            .Where(file => !file.Source.StartsWith(folder.Path, StringComparison.Ordinal) && IsNative(file.Source)).ToArray();
        foreach (var library in (string[])["torch_cpu", "c10", "LibTorchSharp", .. others])
        {
            Assert.Contains(natives, file => Path.GetFileName(file.Target) == library + ".dll");
        }
        AreOf("win-x64", natives);
    }

    [SdkFact]
    public void The_tool_carries_no_Python_binding_no_tests_of_libtorch_and_no_debug_symbols_of_others()
    {
        string[] unused =
        [
            "torch_python", "shm", "nnapi_backend", "torch_global_deps",
            "torchbind_test", "jitbackend_test", "backend_with_compiler", "aoti_custom_ops",
        ];
        Assert.DoesNotContain(Files(), file => unused.Contains(LibraryName(file.Target)));
        Assert.DoesNotContain(Files(), file => Path.GetExtension(file.Target) is ".dbg" or ".dwarf" or ".lib" or ".xml");
    }

    [SdkFact]
    public void The_tool_carries_the_licenses_of_the_libraries_in_it()
    {
        var files = Files().Select(file => file.Target.Replace('\\', '/')).ToArray();
        foreach (var package in new[] { "libtorch-", "TorchSharp/", "Microsoft.ML/", "Microsoft.ML.OnnxRuntime/", "SkiaSharp/" })
        {
            Assert.Contains(files, path => path.StartsWith($"licenses/{package}", StringComparison.Ordinal));
        }
    }

    // NuGet keeps natives in runtimes/PLATFORM/native; "osx" alone is both kinds of Mac.
    private static void AreOf(string platform, (string Source, string Target)[] natives) => Assert.All(natives, file =>
    {
        var folders = file.Source.Split('/', '\\');
        var made = folders.SkipWhile(folder => folder != "runtimes").ElementAtOrDefault(1);
        Assert.True(made == platform || made == platform.Split('-')[0], $"{file.Source} is not of {platform}.");
    });

    private static JsonElement Evaluate(string project, params string[] more) => JsonDocument.Parse(DotnetCommand.Run(
    [
        "msbuild", RepositoryRoot.File(project, project + ".csproj"), "-nologo",
        $"-p:Configuration={DotnetCommand.Configuration}", "-p:NoBuild=true", .. more,
        "-t:ComputeResolvedFilesToPublishList", "-getItem:ResolvedFileToPublish",
        "-getProperty:PackageLicenseExpression,Authors,PackageReadmeFile,PackageIcon,ToolCommandName,ToolPackageRuntimeIdentifiers",
    ])).RootElement;

    private static IEnumerable<(string Source, string Target)> Files() => Files(Packed.Value);

    private static IEnumerable<(string Source, string Target)> Files(JsonElement packed) =>
        packed.GetProperty("Items").GetProperty("ResolvedFileToPublish").EnumerateArray()
            .Select(item => (item.GetProperty("FullPath").GetString()!, item.GetProperty("RelativePath").GetString()!));

    private static bool IsNative(string path)
    {
        if (Path.GetExtension(path) != ".dll")
        {
            var name = Path.GetFileName(path);
            return name.EndsWith(".so", StringComparison.Ordinal) || name.Contains(".so.", StringComparison.Ordinal)
                || name.EndsWith(".dylib", StringComparison.Ordinal);
        }
        using var reader = new PEReader(File.OpenRead(path));
        return !reader.HasMetadata;
    }

    private static string LibraryName(string path)
    {
        var name = Path.GetFileName(path).Split('.')[0];
        return name.StartsWith("lib", StringComparison.Ordinal) ? name[3..] : name;
    }
}
