using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using MsVit.Trainer.Commands;

namespace MsVit.Trainer;

/// <summary>The command line as a whole: its verbs, one file each in Commands/, and how it ends.</summary>
internal static class CommandLine
{
    /// <summary>Runs it.</summary>
    /// <param name="args">What stands behind msvit.</param>
    /// <param name="output">Results.</param>
    /// <param name="error">Progress, notices, and the one line that says why it failed.</param>
    /// <returns>One of <see cref="ExitCode"/>.</returns>
    public static int Run(IReadOnlyList<string> args, TextWriter output, TextWriter error)
    {
        var parsed = Root().Parse(args);
        if (args.Count > 0 && parsed.Action is ParseErrorAction)
        {
            error.WriteLine($"error: {string.Join(" ", parsed.Errors.Select(ParseFault.Of).Distinct())} See '{Verb(parsed)} --help'.");
            return ExitCode.Usage;
        }
        try
        {
            var code = parsed.Invoke(new InvocationConfiguration
            {
                Output = output,
                Error = error,
                EnableDefaultExceptionHandler = false,
                // The verbs that can be interrupted end themselves: Interrupt.
                ProcessTerminationTimeout = null,
            });
            if (parsed.Action is HelpAction)
            {
                WriteMore(parsed.CommandResult.Command, output);
            }
            return args.Count > 0 ? code : ExitCode.Usage;
        }
        catch (UsageException e)
        {
            error.WriteLine($"error: {ErrorLine.Of(e)} See '{Verb(parsed)} --help'.");
            return ExitCode.Usage;
        }
        catch (OperationCanceledException)
        {
            error.WriteLine("Stopped.");
            return ExitCode.Interrupted;
        }
        catch (Exception e) when (ErrorLine.IsForTheUser(e))
        {
            error.WriteLine($"error: {ErrorLine.Of(e)}");
            return ExitCode.Failure;
        }
    }

    /// <summary>All verbs.</summary>
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

    // What help has no place for.
    private static void WriteMore(Command command, TextWriter output)
    {
        if (command is Verb { Examples.Count: > 0 } verb)
        {
            output.WriteLine($"Examples:\n{string.Concat(verb.Examples.Select(example => $"  {example}\n"))}");
        }
        else if (command is RootCommand)
        {
            output.WriteLine($"""
                'msvit VERB --help' has the options of a verb and examples. To begin: msvit train --data shapes:2000 --epochs 5

                Exit codes:
                  {ExitCode.Success}    done
                  {ExitCode.Failure}    the data, a file or the machine did not allow it; one line on standard error says why
                  {ExitCode.Usage}    the command line is wrong, or names a file that is not there
                  {ExitCode.Interrupted}  interrupted; what was done is saved where the verb says so
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
