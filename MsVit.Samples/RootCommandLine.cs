using System.CommandLine;

namespace MsVit.Samples;

/// <summary>Runs a command line; one that names no sample means the default one.</summary>
internal sealed class RootCommandLine(RootCommand root, Command byDefault)
{
    /// <summary>Runs it and gives the exit code: 0, or 1 after an error that was said on standard error.</summary>
    public int Invoke(string[] args)
    {
        var named = args.Length > 0 && (args[0] is "-h" or "-?" or "--help" or "--version" || root.Subcommands.Any(command => command.Name == args[0]));
        try
        {
            return root.Parse(named ? args : [byDefault.Name, .. args]).Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
        }
        catch (Exception e) when (e is IOException or InvalidDataException or ArgumentException or InvalidOperationException or FormatException or OperationCanceledException)
        {
            Console.Error.WriteLine($"error: {e.Message}");
            return 1;
        }
    }
}
