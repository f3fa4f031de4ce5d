using System.CommandLine;
using MsVit.Samples.Cifar10;
using MsVit.Samples.EventCamera;
using MsVit.Samples.FineTune;
using MsVit.Samples.Images;
using MsVit.Samples.QuickStart;
using MsVit.Samples.Sweep;
using MsVit.Samples.WebApi;
using MsVit.Samples.Worker;

namespace MsVit.Samples;

/// <summary>The samples by name. A command line without a name runs the first one.</summary>
internal static class RootCommandLine
{
    /// <summary>All samples, in reading order.</summary>
    public static RootCommand Root() => new("Samples of MsVit, in reading order. Without a name, the first one runs.")
    {
        QuickStartSample.Command(),
        Cifar10Sample.Command(),
        EventCameraSample.Command(),
        SweepSample.Command(),
        WebApiSample.Command(),
        WorkerSample.Command(),
        FineTuneSample.Command(),
        ImagesSample.Command(),
        PredictCommand.Command(),
    };

    /// <summary>Runs a command line and returns the exit code: 0, or 1 after an error that was printed on standard error.</summary>
    public static int Invoke(string[] args)
    {
        var root = Root();
        var named = args is ["-h" or "-?" or "--help" or "--version", ..]
            || (args.Length > 0 && root.Subcommands.Any(command => command.Name == args[0]));
        try
        {
            return root.Parse(named ? args : [root.Subcommands[0].Name, .. args])
                .Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
        }
        catch (Exception e) when (e is IOException or InvalidDataException or ArgumentException or InvalidOperationException
            or FormatException or OperationCanceledException)
        {
            Console.Error.WriteLine($"error: {e.Message}");
            return 1;
        }
    }
}
