using MsVit.MLNet;
using MsVit.Tests.Support;

namespace MsVit.Tests.Data.Images;

public sealed class ImageFolderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Files_come_in_ordinal_order_with_the_name_of_their_folder()
    {
        Write("dog/b.png", "dog/C.PNG", "dog/a.jpeg", "Cat/2.webp", "Cat/10.gif", "dog/notes.txt", "Cat/.hidden.png");
        Assert.Equal(["Cat:10.gif", "Cat:2.webp", "dog:C.PNG", "dog:a.jpeg", "dog:b.png"], List());
    }

    [Fact]
    public void Images_in_subfolders_of_a_class_need_recursion()
    {
        Write("a/1.png", "a/deep/er/2.png", "b/deep/3.png");
        Assert.Equal(["a:1.png", "a:2.png", "b:3.png"], List(recurse: true));
        var error = Assert.Throws<InvalidDataException>(() => List());
        Assert.Contains("b holds no images", error.Message, StringComparison.Ordinal);
        Assert.Contains("only with recursion on", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_folder_is_named()
    {
        var path = Path.Combine(_folder.Path, "none");
        Assert.Contains(path, Assert.Throws<DirectoryNotFoundException>(() => ImageFolder.List(path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_empty_folder_has_too_few_classes() =>
        Assert.Contains("has 0 class folders", Assert.Throws<InvalidDataException>(() => List()).Message, StringComparison.Ordinal);

    [Fact]
    public void One_class_is_too_few()
    {
        Write("only/1.png");
        Assert.Contains("has 1 class folder (only)", Assert.Throws<InvalidDataException>(() => List()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_class_without_images_is_named()
    {
        Write("a/1.png", "b/readme.txt");
        Assert.Contains("b holds no images", Assert.Throws<InvalidDataException>(() => List()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_image_beside_the_class_folders_is_named()
    {
        Write("a/1.png", "b/1.png", "stray.jpg");
        Assert.Contains("stray.jpg lies directly in the image folder", Assert.Throws<InvalidDataException>(() => List()).Message,
            StringComparison.Ordinal);
    }

    [LinuxFact("links that any user may make")]
    public void A_loop_of_links_ends()
    {
        Write("a/1.png", "b/deep/1.png");
        Directory.CreateSymbolicLink(Path.Combine(_folder.Path, "b", "deep", "up"), _folder.Path);
        Directory.CreateSymbolicLink(Path.Combine(_folder.Path, "b", "self"), Path.Combine(_folder.Path, "b"));
        Assert.Equal(["a:1.png", "b:1.png"], List(recurse: true));
    }

    [LinuxFact("links that any user may make")]
    public void A_class_folder_and_a_file_may_be_links()
    {
        using var elsewhere = new TemporaryFolder();
        var file = elsewhere.Write("x/1.png", []);
        Write("a/1.png", "b/2.png");
        Directory.CreateSymbolicLink(Path.Combine(_folder.Path, "c"), Path.GetDirectoryName(file)!);
        File.CreateSymbolicLink(Path.Combine(_folder.Path, "a", "3.png"), file);
        Assert.Equal(["a:1.png", "a:3.png", "b:2.png", "c:1.png"], List());
    }

    private void Write(params string[] files)
    {
        foreach (var file in files)
        {
            _folder.Write(file, []);
        }
    }

    private IEnumerable<string> List(bool recurse = false) =>
        ImageFolder.List(_folder.Path, recurse).Select(file => $"{file.Label}:{Path.GetFileName(file.Path)}");
}
