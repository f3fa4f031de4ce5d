using System.Text.Json;
using MsVit.Trainer;

namespace MsVit.Tests.Trainer;

/// <summary>Runs msvit in this process.</summary>
internal static class Cli
{
    public static (int Code, string Output, string Error) Run(params string[] args)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter { NewLine = "\n" };
        var code = CommandLine.Run(args, output, error);
        return (code, output.ToString(), error.ToString());
    }

    /// <summary>The names in a line of JSON, in their order: scripts rely on them, and docs/cli.md lists them.</summary>
    public static string Fields(string json) => string.Join(' ',
        JsonDocument.Parse(json).RootElement.EnumerateObject().Select(field => field.Name));
}
