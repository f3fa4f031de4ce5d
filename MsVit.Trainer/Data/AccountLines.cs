using System.Globalization;
using MsVit.MLNet;
using MsVit.MLNet.Analysis;

namespace MsVit.Trainer.Data;

/// <summary>An account of data in a few lines, for standard error, and as a table for a report.</summary>
internal static class AccountLines
{
    private const int WarningsShown = 5;

    /// <summary>What the files are, what is passed over, what cannot be read, and what looks wrong.</summary>
    /// <param name="account">The account.</param>
    /// <param name="opened">The part that the command reads.</param>
    /// <param name="use">What it reads it for.</param>
    /// <param name="mayForce">Whether the command has --force.</param>
    public static IEnumerable<string> Of(DataAccount account, DataPartAccount opened, DataPart use, bool mayForce)
    {
        foreach (var part in account.Parts)
        {
            yield return Summary(account, part, opened);
        }
        foreach (var line in AccountText.Findings(account))
        {
            yield return line;
        }
        // To score a few samples of a class is nothing unusual.
        var told = use == DataPart.Train ? account
            : account with { Problems = [.. account.Problems.Where(problem => problem.Kind != DataProblemKind.FewSamples)] };
        var warnings = Warnings(told, opened, mayForce).ToArray();
        foreach (var warning in warnings.Take(WarningsShown))
        {
            yield return $"warning: {warning}";
        }
        if (warnings.Length > WarningsShown)
        {
            yield return string.Create(CultureInfo.InvariantCulture,
                $"warning: {warnings.Length - WarningsShown} more; 'msvit data inspect {account.Path}' lists all.");
        }
    }

    /// <summary>The problems of an account in the words of the command line.</summary>
    public static IEnumerable<string> Warnings(DataAccount account, DataPartAccount? opened, bool mayForce) => account.Problems
        .Where(problem => problem.Kind != DataProblemKind.Unreadable)
        .Where(problem => problem.Part is null || opened is null || problem.Part == opened.Path
            || (opened.Split == DataSplit.Train && problem.Part == account.Part(DataSplit.Test)?.Path))
        .Select(problem => AccountRemedies.Of(problem, mayForce));

    /// <summary>The account as a table of a report; none for data without an account.</summary>
    public static IEnumerable<ReportTable> Table(OpenedData data)
    {
        if (data is not { Account: { } account, Part: { } opened })
        {
            return [];
        }
        string[][] rows =
        [
            .. account.Parts.Select(part => (string[])["Samples", Summary(account, part, opened)]),
            .. AccountText.Findings(account).Select(line => (string[])["Files", line]),
            .. Warnings(account, opened, mayForce: false).Select(warning => (string[])["Warning", warning]),
        ];
        return
        [
            new("Data", "What the files of the data set are, by their first bytes; 'msvit data inspect' reads them whole.",
                ["about", "finding"], rows),
        ];
    }

    private static string Summary(DataAccount account, DataPartAccount part, DataPartAccount opened)
    {
        var line = AccountText.Summary(account, part);
        return part.Split is null ? line : $"{line[..^1]} ({Use(account, part, opened)}).";
    }

    private static string Use(DataAccount account, DataPartAccount part, DataPartAccount opened) =>
        part == opened ? "used"
        : part == account.Part(DataSplit.Test) && opened.Split == DataSplit.Train ? "to test on"
        : $"not used; to read it, give {part.Path}";
}
