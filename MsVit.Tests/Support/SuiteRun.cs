using System.Diagnostics;
using System.Text.RegularExpressions;
using Xunit.Abstractions;
using Xunit.Sdk;

namespace MsVit.Tests.Support;

/// <summary>Runs the suite inside this program, without the SDK: what <c>.ci/windows</c> starts under Wine.</summary>
/// <remarks>The classes of xunit that `dotnet test` uses find and run the tests, so collections and orders are the same.</remarks>
internal sealed class SuiteRun : LongLivedMarshalByRefObject, IMessageSink
{
    private readonly SuiteLog _log;
    private readonly Dictionary<ITestCase, long> _running = [];
    private readonly List<ITestCase> _found = [];

    // Of what is under way: finding the tests, or a run of some.
    private TaskCompletionSource _finished = new();

    private SuiteRun(SuiteLog log) => _log = log;

    /// <param name="log">The file of <see cref="SuiteLog"/>; cases that it names as ended are left out.</param>
    /// <param name="limit">A case that takes longer fails, and ends the process: start it again to go on.</param>
    /// <param name="pattern">Cases whose names do not match this regular expression are left out.</param>
    public static void Run(string log, TimeSpan limit, string pattern)
    {
        using var lines = new SuiteLog(log);
        var run = new SuiteRun(lines);
        using var watch = new Timer(_ => run.EndIfLate(limit), null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));

        var assembly = typeof(SuiteRun).Assembly;
        using var framework = new XunitTestFramework(run);
        using var discoverer = framework.GetDiscoverer(Reflector.Wrap(assembly));
        discoverer.Find(includeSourceInformation: false, run, new Settings());
        run._finished.Task.Wait();

        var cases = run._found.Where(found => !lines.HasEnded(found.UniqueID) && Regex.IsMatch(found.DisplayName, pattern)).ToArray();
        using var executor = framework.GetExecutor(assembly.GetName());
        run.Execute(executor, cases.Where(found => lines.WasCutOff(found.UniqueID)), alone: true);
        run.Execute(executor, cases.Where(found => !lines.WasCutOff(found.UniqueID)), alone: false);
        lines.Done();
    }

    public bool OnMessage(IMessageSinkMessage message)
    {
        switch (message)
        {
            case ITestCaseDiscoveryMessage found:
                _found.Add(found.TestCase);
                break;
            case IDiscoveryCompleteMessage or ITestAssemblyFinished:
                _finished.SetResult();
                break;
            case ITestCaseStarting starting:
                lock (_running)
                {
                    _running[starting.TestCase] = Stopwatch.GetTimestamp();
                }
                _log.Start(starting.TestCase.UniqueID, starting.TestCase.DisplayName);
                break;
            case ITestFailed failed:
                _log.Failed(failed.Test.DisplayName, Text(failed));
                break;
            case ITestSkipped skipped:
                _log.Skipped(skipped.Test.DisplayName, skipped.Reason);
                break;
            case ITestCaseFinished ended:
                lock (_running)
                {
                    _running.Remove(ended.TestCase);
                }
                _log.End(ended.TestCase.UniqueID, ended.TestCase.DisplayName, ended.TestsRun, ended.TestsFailed, ended.TestsSkipped);
                break;
            // Such as a factory of collections that cannot be made, in whose place xunit takes its own. That the rows of a theory
            // run as one case is no fault.
            case IDiagnosticMessage diagnostic when !diagnostic.Message.StartsWith("Non-serializable data", StringComparison.Ordinal):
                _log.Failed("outside of a test", diagnostic.Message);
                break;
            // A fixture or the runner itself; no case is named as failed by these.
            case IErrorMessage error and not ITestFailed:
                _log.Failed("outside of a test", Text(error));
                break;
            case ITestAssemblyCleanupFailure or ITestCollectionCleanupFailure or ITestClassCleanupFailure
                or ITestMethodCleanupFailure or ITestCaseCleanupFailure or ITestCleanupFailure:
                _log.Failed("cleaning up", Text((IFailureInformation)message));
                break;
        }
        return true;
    }

    private void Execute(ITestFrameworkExecutor executor, IEnumerable<ITestCase> cases, bool alone)
    {
        var now = cases.ToArray();
        if (now.Length > 0)
        {
            _finished = new();
            executor.RunTests(now, this, new Settings { DisableParallelization = alone });
            _finished.Task.Wait();
        }
    }

    private void EndIfLate(TimeSpan limit)
    {
        ITestCase? late;
        lock (_running)
        {
            late = _running.FirstOrDefault(test => Stopwatch.GetElapsedTime(test.Value) > limit).Key;
        }
        if (late is not null)
        {
            _log.Failed(late.DisplayName, $"It took longer than {limit.TotalSeconds} seconds.");
            _log.End(late.UniqueID, late.DisplayName, 1, 1, 0);
            Process.GetCurrentProcess().Kill();
        }
    }

    private static string Text(IFailureInformation failure) => string.Join('\n', failure.ExceptionTypes.Zip(failure.Messages,
        failure.StackTraces).Select(part => $"{part.First}: {part.Second}\n{part.Third}"));

    /// <summary>What xunit asks for by name; everything else keeps its default.</summary>
    private sealed class Settings : ITestFrameworkDiscoveryOptions, ITestFrameworkExecutionOptions
    {
        private readonly Dictionary<string, object?> _values = new(StringComparer.Ordinal)
        {
            ["xunit.discovery.PreEnumerateTheories"] = true,
        };

        public bool DisableParallelization { init => _values["xunit.execution.DisableParallelization"] = value; }

        public TValue GetValue<TValue>(string name) => _values.GetValueOrDefault(name) is TValue value ? value : default!;

        public void SetValue<TValue>(string name, TValue value) => _values[name] = value;
    }
}
