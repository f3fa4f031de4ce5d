using MsVit.MLNet;

namespace MsVit.Trainer.Data;

/// <summary>Warns of test files that the network also learns from.</summary>
internal static class TestOverlap
{
    /// <summary>Looks for files of equal content, and says how many there are.</summary>
    /// <param name="error">Receives the warnings.</param>
    /// <param name="train">The training data.</param>
    /// <param name="test">The test data; null without any.</param>
    /// <param name="unlabeled">The images without labels to learn from; empty if there are none.</param>
    public static void Tell(TextWriter error, OpenedData train, OpenedData? test, IReadOnlyList<ScannedFile> unlabeled)
    {
        if (test?.Account is not { } tested)
        {
            return;
        }
        // Parts of one folder were compared when it was looked at.
        if (train.Account is { } account && !ReferenceEquals(tested, account))
        {
            Compare(Of(account, train.Part));
        }
        if (unlabeled.Count > 0)
        {
            Compare(AccountParts.Of("unlabeled", null, "", [.. unlabeled.Select(file => new AccountedSample(file))]));
        }

        void Compare(AccountedPart learned)
        {
            var across = DuplicateFinder.Find([learned, Of(tested, test.Part)], CancellationToken.None)
                .Where(files => files.Kind == DuplicateKind.AcrossParts).ToArray();
            foreach (var problem in AccountParts.Repeated(across))
            {
                error.WriteLine($"warning: {problem}");
            }
        }
    }

    private static AccountedPart Of(DataAccount account, DataPartAccount? part) => account.Files.Single(files => files.Part == part);
}
