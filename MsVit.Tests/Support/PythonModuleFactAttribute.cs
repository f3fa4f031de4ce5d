using System.Diagnostics;

namespace MsVit.Tests.Support;

/// <summary>A fact that asks a module of Debian's Python; it is skipped, saying so, where that is not installed.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PythonModuleFactAttribute : FactAttribute
{
    private const string Python = "/usr/bin/python3";

    public PythonModuleFactAttribute(string module)
    {
        Module = module;
        Skip = File.Exists(Python) && Start($"import {module}").Code == 0 ? null
            : $"Needs Python's module {module}: apt-get install python3-{module}.";
    }

    public string Module { get; }

    /// <summary>Runs a program, which must end well.</summary>
    /// <returns>What it printed.</returns>
    public static string Run(string program)
    {
        var (code, output, error) = Start(program);
        Assert.True(code == 0, error);
        return output;
    }

    private static (int Code, string Output, string Error) Start(string program)
    {
        using var process = Process.Start(new ProcessStartInfo(
            Python, ["-c", program])
        { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, error.Result);
    }
}
