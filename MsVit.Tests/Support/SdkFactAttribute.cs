namespace MsVit.Tests.Support;

/// <summary>A fact about a build of the repository; it is skipped where the .NET SDK or the sources are missing.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class SdkFactAttribute : FactAttribute
{
    public SdkFactAttribute() => Skip = WhatIsMissing();

    private static string? WhatIsMissing()
    {
        // The runtime lies in ROOT/shared/Microsoft.NETCore.App/VERSION, the SDK in ROOT/sdk.
        var root = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(typeof(object).Assembly.Location)!, "..", "..", ".."));
        if (!Directory.Exists(Path.Combine(root, "sdk")))
        {
            return $"Needs the .NET SDK; {root} has none.";
        }
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "MsVit.sln")))
            {
                return null;
            }
        }
        return "Needs the repository: MsVit.sln is in no folder above the tests.";
    }
}
