using System.Reflection;
using MsVit.MLNet;

namespace MsVit.Tests.Support;

/// <summary>A fact about torch's packages for Windows; it is skipped, saying how to get them, where NuGet has not restored them.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class WindowsPackagesFactAttribute : FactAttribute
{
    public WindowsPackagesFactAttribute() => Skip = Missing;

    internal static string? Missing => Folders.FirstOrDefault(folder => !Directory.Exists(folder)) is { } missing
        ? $"Needs {missing}: dotnet restore MsVit.Trainer -r win-x64." : null;

    /// <summary>The folders of the native libraries: TorchSharp's, then libtorch's.</summary>
    internal static string[] Folders => [Natives("torchsharp", Version("TorchSharpVersion")),
        Natives("libtorch-cpu-win-x64", Version("LibTorchVersion"))];

    private static string Natives(string package, string version)
    {
        var packages = Environment.GetEnvironmentVariable("NUGET_PACKAGES")
            ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        return Path.Combine(packages, package, version, "runtimes", "win-x64", "native");
    }

    private static string Version(string package) => typeof(MsVitTrainer).Assembly
        .GetCustomAttributes<AssemblyMetadataAttribute>().Single(entry => entry.Key == package).Value!;
}

/// <summary>The same for a theory about a build, which also needs the .NET SDK and the repository.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class WindowsPackagesTheoryAttribute : TheoryAttribute
{
    public WindowsPackagesTheoryAttribute() => Skip = WindowsPackagesFactAttribute.Missing ?? new SdkFactAttribute().Skip;
}
