using System.Text;

namespace MsVit.MLNet;

/// <summary>Recognizes the folders of parts by their names: train, Training, test-images, val2017, dogs_train beside dogs_test.</summary>
internal static class SplitNames
{
    private static readonly string[] Train = ["train", "training"];
    private static readonly string[] Validation = ["val", "vali", "valid", "validation", "validate"];
    private static readonly string[] Test = ["test", "testing"];

    // Parts only beside another part.
    private static readonly string[] Weak = ["dev", "devel", "eval", "evaluation", "holdout"];

    private static readonly string[] Neutral =
    [
        "set", "sets", "data", "dataset", "datasets", "image", "images", "img", "imgs", "photo", "photos", "picture", "pictures", "split",
        "part", "sample", "samples", "recording", "recordings", "event", "events", "frame", "frames", "file", "files", "folder", "dir",
        "seg", "the", "my", "new", "a", "b",
    ];

    /// <summary>The folders that are parts, by name.</summary>
    /// <param name="names">The names of all folders of a root.</param>
    public static IReadOnlyDictionary<string, DataSplit> Find(IReadOnlyList<string> names)
    {
        var found = new Dictionary<string, DataSplit>(StringComparer.Ordinal);
        foreach (var name in names)
        {
            var words = Words(name);
            var parts = words.Select(Of).OfType<DataSplit>().ToArray();
            if (parts.Length == 1 && words.All(word => Of(word) is not null || Neutral.Contains(word)))
            {
                found.Add(name, parts[0]);
            }
        }
        AddSiblings(names, found);
        foreach (var name in found.Count > 0 ? names : [])
        {
            if (Words(name) is [var word] && Weak.Contains(word))
            {
                found.TryAdd(name, DataSplit.Validation);
            }
        }
        return found;
    }

    // Folders whose names differ only in the word of the part: dogs_train and dogs_test.
    private static void AddSiblings(IReadOnlyList<string> names, Dictionary<string, DataSplit> found)
    {
        var candidates = new List<(string Name, string Others, DataSplit Split)>();
        foreach (var name in names.Where(name => !found.ContainsKey(name)))
        {
            var words = Words(name);
            if (words.Index().Where(word => Of(word.Item) is not null).ToArray() is [var only])
            {
                candidates.Add((name, string.Join(' ', words.Where((_, index) => index != only.Index)), Of(only.Item)!.Value));
            }
        }
        foreach (var group in candidates.GroupBy(candidate => candidate.Others, StringComparer.Ordinal))
        {
            if (group.Select(candidate => candidate.Split).Distinct().Count() > 1)
            {
                foreach (var (name, _, split) in group)
                {
                    found.Add(name, split);
                }
            }
        }
    }

    private static DataSplit? Of(string word) =>
        Is(word, Train) ? DataSplit.Train : Is(word, Validation) ? DataSplit.Validation : Is(word, Test) ? DataSplit.Test : null;

    // "trainset" is "train" and "set".
    private static bool Is(string word, string[] names) => names.Contains(word)
        || names.Any(name => word.StartsWith(name, StringComparison.Ordinal) && Neutral.Contains(word[name.Length..]));

    // In lower case; digits and signs part words, and so does a capital after a small letter.
    private static string[] Words(string name)
    {
        var text = new StringBuilder();
        for (var i = 0; i < name.Length; i++)
        {
            if (i > 0 && char.IsUpper(name[i]) && char.IsLower(name[i - 1]))
            {
                text.Append(' ');
            }
            text.Append(char.IsLetter(name[i]) ? char.ToLowerInvariant(name[i]) : ' ');
        }
        return text.ToString().Split(' ', StringSplitOptions.RemoveEmptyEntries);
    }
}
