using System.Diagnostics;
using System.Reflection;

namespace MsVit.Tests.Support;

/// <summary>Runs a command of the .NET SDK on the repository and waits for its end.</summary>
internal static class DotnetCommand
{
    /// <summary>The configuration in which the tests were built, and so everything that they refer to.</summary>
    public static string Configuration =>
        typeof(DotnetCommand).Assembly.GetCustomAttribute<AssemblyConfigurationAttribute>()!.Configuration;

    /// <returns>What the command wrote to standard output.</returns>
    public static string Run(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("dotnet", arguments)
        {
            WorkingDirectory = RepositoryRoot.File(),
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            // A build server that stays alive would hold the redirected output open.
            Environment = { ["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1", ["DOTNET_NOLOGO"] = "1", ["MSBUILDDISABLENODEREUSE"] = "1" },
        })!;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"dotnet {string.Join(' ', arguments)} ended with {process.ExitCode}: {output}{error.Result}");
        return output;
    }
}
