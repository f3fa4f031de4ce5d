using MsVit.MLNet;

namespace MsVit.Trainer.Runs;

/// <summary>The files that <c>msvit predict</c> is to classify: named ones, those below folders, and the lines of standard input.</summary>
/// <param name="frames">Whether the model takes recordings of an event camera, and not images.</param>
internal sealed class InputFiles(bool frames)
{
    private readonly List<string> _passedOver = [];
    private int _folders;

    /// <summary>What is wrong with folders: no file of the right kind, or not readable.</summary>
    public List<string> Faults { get; } = [];

    /// <summary>What the files of the right kind are called.</summary>
    public string Noun => frames ? "recordings" : "images";

    /// <summary>The files, each as soon as it is known; those of a folder in ordinal order.</summary>
    /// <param name="words">Files, folders, or - for the lines of the input.</param>
    /// <param name="input">Standard input.</param>
    public IEnumerable<string> Of(IEnumerable<string> words, TextReader input)
    {
        foreach (var word in words)
        {
            var files = word == "-" ? Lines(input) : Directory.Exists(word) ? Below(word) : [word];
            foreach (var file in files)
            {
                yield return file;
            }
        }
    }

    /// <summary>What was passed over, in one line; null if nothing was.</summary>
    public string? PassedOver()
    {
        var folders = _folders > 0 ? [Counted.Of(_folders, "folder")] : Array.Empty<string>();
        var list = string.Join("; ", _passedOver.Concat(folders));
        return list.Length > 0 ? $"Passed over, because they are no {Noun}: {list}." : null;
    }

    // Programs such as find list a folder before its files.
    private IEnumerable<string> Lines(TextReader input)
    {
        while (input.ReadLine() is { } line)
        {
            if (Directory.Exists(line))
            {
                _folders++;
            }
            else if (line.Length > 0)
            {
                yield return line;
            }
        }
    }

    private IEnumerable<string> Below(string folder)
    {
        try
        {
            var (files, passedOver) = UnlabeledFolder.Of(folder, frames ? SampleKind.Recordings : SampleKind.Images);
            if (passedOver.Length > 0)
            {
                _passedOver.Add(passedOver);
            }
            if (files.Count == 0)
            {
                Faults.Add($"{folder} holds no {Noun}, which the model takes.");
            }
            return files.Select(file => file.Path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Faults.Add($"{folder} cannot be listed: {ErrorLine.Of(e)}");
            return [];
        }
    }
}
