using System.Globalization;

namespace MsVit.MLNet;

/// <summary>An account in a few lines.</summary>
internal static class AccountText
{
    private const int ClassesShown = 10;
    private const int GroupsShown = 5;
    private const int FilesShown = 3;

    /// <summary>All lines: what there is, what is passed over, what cannot be read, what to know.</summary>
    public static IEnumerable<string> Lines(DataAccount account) =>
    [
        .. account.Parts.Select(part => Summary(account, part)), .. Findings(account),
        .. account.Problems.Where(problem => problem.Kind != DataProblemKind.Unreadable).Select(problem => $"warning: {problem}"),
    ];

    /// <summary>One line about a part: its samples and classes.</summary>
    public static string Summary(DataAccount account, DataPartAccount part)
    {
        var name = part.Name.Length == 0 ? account.Path : part.Path;
        return $"{name}: {Number(part.Samples)} {Noun(account.Kind, part.Samples)} in {part.Classes.Count} "
            + $"{(part.Classes.Count == 1 ? "class" : "classes")}{Classes(part.Classes)}.";
    }

    /// <summary>Lines about what is passed over and what cannot be read.</summary>
    public static IEnumerable<string> Findings(DataAccount account)
    {
        if (PassedOver(account) is { } passed)
        {
            yield return passed;
        }
        if (account.Unreadable.Count > 0)
        {
            yield return $"Cannot be read: {Number(account.Unreadable.Count)} of {Number(account.Samples)}: "
                + string.Join("; ", account.Unreadable.Take(FilesShown).Select(file => $"{file.Path}: {file.Reason}"))
                + (account.Unreadable.Count > FilesShown ? $"; and {Number(account.Unreadable.Count - FilesShown)} more" : "") + ".";
        }
    }

    /// <summary>One line about the files that are not read; null if there are none.</summary>
    public static string? PassedOver(DataAccount account) => account.PassedOver.Count == 0 ? null
        : "Passed over: "
            + string.Join(", ", account.PassedOver.Take(GroupsShown).Select(group =>
                $"{Number(group.Count)} {group.Ending} ({group.Reason})"))
            + (account.PassedOver.Count > GroupsShown
                ? $" and {Number(account.PassedOver.Skip(GroupsShown).Sum(group => group.Count))} other files" : "") + ".";

    private static string Classes(IReadOnlyList<ClassCount> classes)
    {
        if (classes.Count == 0)
        {
            return "";
        }
        var (least, most) = (classes.Min(count => count.Count), classes.Max(count => count.Count));
        return classes.Count <= ClassesShown
            ? $": {string.Join(", ", classes.Select(count => $"{count.Label} {Number(count.Count)}"))}"
            : least == most ? $" of {Number(most)}" : $" of {Number(least)} to {Number(most)}";
    }

    private static string Noun(SampleKind? kind, int count) => kind?.Noun(count) ?? "samples";

    private static string Number(long value) => value.ToString("N0", CultureInfo.InvariantCulture);
}
