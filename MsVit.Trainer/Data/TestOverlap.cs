using MsVit.MLNet;

namespace MsVit.Trainer.Data;

/// <summary>Warns of test files that are training files too, if the two come from different folders or lists.</summary>
internal static class TestOverlap
{
    /// <summary>Looks for files of equal content, and says how many there are.</summary>
    public static void Tell(TextWriter error, OpenedData train, OpenedData? test)
    {
        // Parts of one folder were compared when it was looked at.
        if (test?.Account is not { } other || train.Account is not { } account || ReferenceEquals(other, account))
        {
            return;
        }
        var across = DuplicateFinder.Find([Of(account, train.Part), Of(other, test.Part)], CancellationToken.None)
            .Where(files => files.Kind == DuplicateKind.AcrossParts).ToArray();
        foreach (var problem in AccountParts.Repeated(across))
        {
            error.WriteLine($"warning: {problem}");
        }
    }

    private static AccountedPart Of(DataAccount account, DataPartAccount? part) => account.Files.Single(files => files.Part == part);
}
