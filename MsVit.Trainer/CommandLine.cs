using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using MsVit.Trainer.Commands;
using MsVit.Trainer.Ranks;
using MsVit.Trainer.Runs;

namespace MsVit.Trainer;

/// <summary>The whole command line: its commands, each in a file in Commands/, and its exit codes.</summary>
internal static class CommandLine
{
    /// <summary>Runs a command.</summary>
    /// <param name="args">The words after msvit.</param>
    /// <param name="output">For results.</param>
    /// <param name="error">For progress, notices, and one line that says why it failed.</param>
    /// <returns>One of <see cref="ExitCode"/>.</returns>
    public static int Run(IReadOnlyList<string> args, TextWriter output, TextWriter error)
    {
        var parsed = Root().Parse(args);
        if (SettingList.IsAsked(parsed))
        {
            SettingList.Write(output);
            return ExitCode.Success;
        }
        if (args.Count > 0 && (parsed.Action is ParseErrorAction || ParseFault.HidesUnknownOption(parsed)))
        {
            // All ranks of a job have the same command line.
            (RankedRun.IsSilent ? TextWriter.Null : error).WriteLine($"error: {ParseFault.Of(parsed)} See '{Verb(parsed)} --help'.");
            return ExitCode.Usage;
        }
        try
        {
            var code = parsed.Invoke(new InvocationConfiguration
            {
                Output = output,
                Error = error,
                EnableDefaultExceptionHandler = false,
                // Commands that can be interrupted handle this themselves, by Interrupt.
                ProcessTerminationTimeout = null,
            });
            if (parsed.Action is HelpAction)
            {
                WriteMore(parsed.CommandResult.Command, output);
            }
            return args.Count > 0 ? code : ExitCode.Usage;
        }
        catch (Exception e) when (Fault(parsed, e) is { } fault)
        {
            error.WriteLine(fault.Line);
            return fault.Code;
        }
    }

    /// <summary>What to say of an error, and the exit code; null for a bug.</summary>
    public static (string Line, int Code)? Fault(ParseResult parsed, Exception e) => e switch
    {
        UsageException => ($"error: {ErrorLine.Of(e)} See '{Verb(parsed)} --help'.", ExitCode.Usage),
        OperationCanceledException => ("Stopped.", ExitCode.Interrupted),
        _ when ErrorLine.IsForTheUser(e) => ($"error: {ErrorLine.Of(e)}", ExitCode.Failure),
        _ => null,
    };

    /// <summary>All commands.</summary>
    public static RootCommand Root() => new("MsVit: spiking vision transformers for ML.NET.")
    {
        TrainCommand.Create(),
        EvaluateCommand.Create(),
        PredictCommand.Create(),
        SweepCommand.Create(),
        AnalyzeCommand.Create(),
        DataCommand.Create(),
        ExportCommand.Create(),
        CompareCommand.Create(),
        ImportCommand.Create(),
        InfoCommand.Create(),
        CompletionCommand.Create(),
        PresetsCommand.Create(),
        BenchCommand.Create(),
    };

    // System.CommandLine's help has no place for this.
    private static void WriteMore(Command command, TextWriter output)
    {
        if (command is Verb { Examples.Count: > 0 } verb)
        {
            output.WriteLine($"Examples:\n{string.Concat(verb.Examples.Select(example => $"  {example}\n"))}");
        }
        else if (command is RootCommand)
        {
            output.WriteLine($"""
                Run 'msvit COMMAND --help' for options and examples. To begin: msvit train --data shapes:2000 --epochs 5

                Exit codes:
                  {ExitCode.Success}    done
                  {ExitCode.Failure}    failed because of the data, a file or the machine; standard error has one line that says why
                  {ExitCode.Usage}    the command line is wrong, or a file that it names does not exist
                  {ExitCode.Interrupted}  interrupted; train and sweep save their progress
                """);
        }
    }

    private static string Verb(ParseResult parsed)
    {
        var names = new Stack<string>();
        for (var at = parsed.CommandResult; at is not null; at = at.Parent as System.CommandLine.Parsing.CommandResult)
        {
            names.Push(at.Parent is null ? "msvit" : at.Command.Name);
        }
        return string.Join(' ', names);
    }
}
