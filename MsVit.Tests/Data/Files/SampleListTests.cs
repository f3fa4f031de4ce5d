using System.Text;
using Microsoft.ML;
using Microsoft.ML.Data;
using MsVit.MLNet;
using MsVit.MLNet.Events;
using MsVit.Tests.Support;

namespace MsVit.Tests.Data.Files;

public sealed class SampleListTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public SampleListTests()
    {
        _folder.Write("a/1.png", SampleFiles.Png(1));
        _folder.Write("b/2.png", SampleFiles.Png(2));
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("path,label\na/1.png,x\nb/2.png,y\n")]
    [InlineData("\"path\",\"label\"\n\"a/1.png\",\"x\"\n\"b/2.png\",\"y\"\n")]
    [InlineData("path;label\na/1.png;x\nb/2.png;y")]
    [InlineData("path\tlabel\na/1.png\tx\nb/2.png\ty\n")]
    [InlineData("path|label\na/1.png|x\nb/2.png|y\n")]
    [InlineData("\uFEFFpath,label\r\na/1.png,x\r\nb/2.png,y\r\n")]
    [InlineData("label,path\nx,a/1.png\ny,b/2.png\n")]
    [InlineData("File,Class\na/1.png,x\nb/2.png,y\n")]
    [InlineData("image,category\na/1.png,x\nb/2.png,y\n")]
    [InlineData("image_path,class_name\na/1.png,x\nb/2.png,y\n")]
    [InlineData("Filename , Label\na/1.png, x\nb/2.png , y\n")]
    [InlineData("id,path,label,split\n0,a/1.png,x,train\n1,b/2.png,y,test\n")]
    [InlineData("path,label\n\na/1.png,x\n\n\nb/2.png,y\n\n")]
    [InlineData("path,label\n./a/1.png,x\na/../b/2.png,y\n")]
    [InlineData("path,label\na\\1.png,x\nb\\2.png,y\n")]
    public void A_list_of_images_may_have_any_usual_form(string text)
    {
        var view = new MLContext().Data.LoadImageList(List(text));
        Assert.Equal(["x", "y"], view.GetColumn<string>(ImageColumns.Label));
        Assert.Equal(["1.png", "2.png"], view.GetColumn<string>(ImageColumns.ImagePath).Select(path => Path.GetFileName(path)));
        Assert.Equal(["x", "y"], EventRecordings.List(List(text)).Select(recording => recording.Label));
        Assert.Equal(SampleKind.Images, DataAccount.Of(List(text)).Kind);
    }

    [Fact]
    public void Columns_that_are_not_used_are_named()
    {
        var list = List("id,path,label,split\n0,a/1.png,x,train\n1,b/2.png,y,test\n");
        var problem = Assert.Single(DataAccount.Of(list).Problems, problem => problem.Kind == DataProblemKind.UnusedColumns);
        Assert.Contains("id, split", problem.Message, StringComparison.Ordinal);
        Assert.False(problem.IsFatal);
    }

    [Theory]
    [InlineData("a/1.png,x\nb/2.png,y\n", "line 1", "expected 'path,label'")]
    [InlineData("path\na/1.png\n", "line 1", "expected 'path,label'")]
    [InlineData("", "line 1", "empty")]
    [InlineData("path,label\n\na/1.png\n", "line 3", "1 columns")]
    [InlineData("path,label\na/1.png,x\nb/2.png,\n", "line 3", "the path or the label is empty")]
    [InlineData("path,label\na/1.png,\"x\nb/2.png,y\n", "line 2", "quotes")]
    [InlineData("path,label\n", "line 1", "no image is listed")]
    [InlineData("path,label\na/1.png,x,extra\n\n", "line 2", "3 columns")]
    public void A_malformed_list_is_refused_with_its_line(string text, string line, string reason)
    {
        var message = Assert.Throws<InvalidDataException>(() => new MLContext().Data.LoadImageList(List(text))).Message;
        Assert.Contains($"list.csv, {line}: ", message, StringComparison.Ordinal);
        Assert.Contains(reason, message, StringComparison.Ordinal);
    }

    [Fact]
    public void Missing_files_are_counted_and_named()
    {
        var rows = string.Concat(Enumerable.Range(0, 9).Select(i => $"none{i}.png,x\n"));
        var message = Assert.Throws<FileNotFoundException>(
            () => new MLContext().Data.LoadImageList(List($"path,label\na/1.png,x\n{rows}"))).Message;
        Assert.Contains("lists 10 files, of which 9 are missing", message, StringComparison.Ordinal);
        Assert.Contains("none4.png and 4 more", message, StringComparison.Ordinal);
        Assert.DoesNotContain("none5.png", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_list_of_slices_may_have_its_columns_in_any_order()
    {
        _folder.Write("r.csv", SampleFiles.Events(1));
        var listed = EventRecordings.List(List("End;Label;Start;File\n900;x;100;r.csv\n;y;;r.csv\n"));
        Assert.Equal([(100L, 900L, "x"), (long.MinValue, long.MaxValue, "y")], listed.Select(r => (r.Start, r.End, r.Label)));
    }

    private string List(string text) => _folder.Write("list.csv", Encoding.UTF8.GetBytes(text));
}
