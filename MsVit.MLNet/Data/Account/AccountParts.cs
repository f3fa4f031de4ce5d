namespace MsVit.MLNet;

/// <summary>Puts an account together from files that have their roles.</summary>
internal static class AccountParts
{
    private const int Few = 10;
    private const int NamesShown = 5;
    private const int ExamplesKept = 5;

    public static AccountedPart Of(string name, DataSplit? split, string path, IReadOnlyList<AccountedSample> samples) => new(
        new(name, split, path,
        [
            .. samples.CountBy(sample => sample.File.Label).OrderBy(count => count.Key, StringComparer.Ordinal)
                .Select(count => new ClassCount(count.Key, count.Value)),
        ]),
        samples);

    public static DataAccount Account(
        string path, SampleKind? kind, IReadOnlyList<AccountedPart> parts, List<DataProblem> problems, ScannedFile[] passed,
        DataAccountOptions options)
    {
        var broken = parts.SelectMany(part => part.Samples).Where(sample => sample.File.Role == FileRole.Broken)
            .Select(sample => sample.File).DistinctBy(file => file.Path)
            .Select(file => new UnreadableFile(file.Path, Broken(file.Content)));
        var account = new DataAccount
        {
            Path = path,
            Kind = kind,
            Parts = [.. parts.Select(part => part.Part)],
            Files = parts,
            PassedOver = PassedOver(passed),
            Unreadable = [.. broken],
        };
        if (kind is { } known && options.Decode)
        {
            account = DecodedFiles.Add(account, known, options);
        }
        var duplicates = DuplicateFinder.Find(parts, options.CancellationToken);
        return account with
        {
            Duplicates = duplicates,
            Problems =
            [
                .. problems.Where(problem => problem.IsFatal), .. problems.Where(problem => !problem.IsFatal),
                .. Found(account), .. Repeated(duplicates),
            ],
        };
    }

    /// <summary>Warnings about files that occur twice.</summary>
    public static IEnumerable<DataProblem> Repeated(IReadOnlyList<DuplicateFiles> duplicates)
    {
        foreach (var group in duplicates.GroupBy(files => files.Kind).OrderBy(group => group.Key))
        {
            var example = string.Join(" and ", group.First().Paths.Take(2));
            yield return group.Key switch
            {
                DuplicateKind.AcrossParts => new(DataProblemKind.Duplicates,
                    $"{Counted.Of(group.Count(), "file is", "files are")} in more than one part, such as {example}: the accuracy on the "
                    + "test part is too high.",
                    "Remove them from one of the parts."),
                DuplicateKind.AcrossClasses => new(DataProblemKind.Duplicates,
                    $"{Counted.Of(group.Count(), "file is", "files are")} in more than one class, such as {example}: no network can tell "
                    + "them apart.",
                    "Keep each in one class."),
                _ => new(DataProblemKind.Duplicates,
                    $"{Counted.Of(group.Count(), "file occurs", "files occur")} more than once in a class, such as {example}: held-out "
                    + "samples may be among the training samples.", "Keep each once."),
            };
        }
    }

    /// <summary>A warning about files that cannot be read, at least one.</summary>
    public static DataProblem Unreadable(IReadOnlyList<UnreadableFile> files) => new(
        DataProblemKind.Unreadable,
        $"{Counted.Of(files.Count, "file")} cannot be read, such as {files[0].Path}: {files[0].Reason}.",
        "Restore or remove them, or leave them out (Undecodable = Skip).");

    private static PassedOverFiles[] PassedOver(ScannedFile[] passed) =>
    [
        .. passed.GroupBy(file => (Ending: FolderProblems.Ending(file), Reason: FileRoles.Reason(file)))
            .OrderByDescending(group => group.Count()).ThenBy(group => group.Key.Ending, StringComparer.Ordinal)
            .ThenBy(group => group.Key.Reason, StringComparer.Ordinal)
            .Select(group => new PassedOverFiles(
                group.Key.Ending, group.Key.Reason, group.Count(), [.. group.Take(ExamplesKept).Select(file => file.Path)])),
    ];

    private static string Broken(FileContent content) => content.Kind switch
    {
        ContentKind.OtherImage => $"the format {content.Name} is not supported; convert it to PNG or JPEG",
        ContentKind.Image => $"it is an image ({content.Name}), not a recording",
        ContentKind.Recording => $"it is a recording ({content.Name}), not an image",
        _ => $"it is {content.Name}",
    };

    private static IEnumerable<DataProblem> Found(DataAccount account)
    {
        if (account.Unreadable.Count > 0)
        {
            yield return Unreadable(account.Unreadable);
        }
        // A test part may be small; a training part may not.
        if (account.Part(DataSplit.Train) is { } part && part.Classes.Where(count => count.Count < Few).ToArray() is { Length: > 0 } small)
        {
            var named = string.Join(", ", small.Take(NamesShown).Select(count => $"{count.Label} {count.Count}"))
                + (small.Length > NamesShown ? $" and {small.Length - NamesShown} more" : "");
            var single = small.Count(count => count.Count == 1);
            var problem = new DataProblem(DataProblemKind.FewSamples,
                $"{small.Length} of {Counted.Of(part.Classes.Count, "class", "classes")} {(small.Length == 1 ? "has" : "have")} fewer than "
                + $"{Few} samples ({named})."
                + (single > 0 ? $" {Counted.Of(single, "of them has", "of them have")} only one, which cannot be held out." : ""),
                "Add samples, or leave these classes out.");
            yield return problem with { Part = part.Path };
        }
    }
}
