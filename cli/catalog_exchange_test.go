package cli

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestAMerchantsTableGoesInAndOut(t *testing.T) {
	home := t.TempDir()
	t.Setenv("CHEVAL_HOME", home)
	table := filepath.Join(home, "stock.csv")
	text := "款号;品名;颜色;价格;库存;尺寸;备注\nA1;圆框眼镜 云;黑色;899,00;3;52□18-145;=SUM(A1)\nA1;圆框眼镜 云;玳瑁;899,00;x;52□18-145;\nA2;圆框眼镜 山;金色;-5;1;;\n"
	if err := os.WriteFile(table, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	code, out, stderr := command(t, Program{}, "catalog", "import", table, "--json", "--dry-run")
	var dry, done struct {
		Rows, Products, Variants, Images int
		Problems                         []struct {
			Row        int
			Field, Why string
		}
	}
	if err := json.Unmarshal([]byte(out), &dry); code != 0 || err != nil || dry.Products != 1 {
		t.Fatalf("dry run: %d %v %s %s", code, err, out, stderr)
	}
	code, out, stderr = command(t, Program{}, "catalog", "import", table, "--json")
	if err := json.Unmarshal([]byte(out), &done); code != 0 || err != nil {
		t.Fatalf("import: %d %v %s", code, err, stderr)
	}
	if done.Rows != 3 || done.Products != 1 || done.Variants != 2 || len(done.Problems) != len(dry.Problems) {
		t.Errorf("import says %s", out)
	}
	if !strings.Contains(out, `"row":4,"field":"价格","why":"\"-5\" is below zero`) {
		t.Errorf("the negative price is not listed: %s", out)
	}
	back := filepath.Join(home, "back.tsv")
	if code, out, stderr = command(t, Program{}, "catalog", "export", back); code != 0 || !strings.Contains(out, "wrote 1 products in 2 rows") {
		t.Fatalf("export: %d %s %s", code, out, stderr)
	}
	data, err := os.ReadFile(back)
	if err != nil || !strings.Contains(string(data), "'=SUM(A1)") || !strings.Contains(string(data), "圆框眼镜 云") {
		t.Errorf("the table is %q, %v", data, err)
	}
}

func TestImportSaysWhatIsWrongWithTheCommandLine(t *testing.T) {
	t.Setenv("CHEVAL_HOME", t.TempDir())
	table := filepath.Join(t.TempDir(), "a.csv")
	if err := os.WriteFile(table, []byte("Alpha,Beta\n1,2\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{"catalog", "import"}, 2, "accepts 1 arg"},
		{[]string{"catalog", "import", "/nowhere.csv"}, 1, "no such file"},
		{[]string{"catalog", "import", table}, 1, "is known to hold the product's name"},
		{[]string{"catalog", "import", table, "--currency", "XX"}, 2, "--currency"},
		{[]string{"catalog", "import", table, "--map", "Gamma=title"}, 2, "no column is called"},
		{[]string{"catalog", "import", table, "--map", "Alpha=nonsense"}, 2, "is no field"},
		{[]string{"catalog", "export", "out.doc"}, 2, "must end in"},
		{[]string{"catalog", "export", "out.xml", "--format", "table"}, 1, "ends in .csv, .tsv, .xlsx"},
	} {
		if code, _, stderr := command(t, Program{}, c.args...); code != c.code || !strings.Contains(stderr, c.says) {
			t.Errorf("%v: exit %d, %s", c.args, code, stderr)
		}
	}
}

func TestAMappingIsTaken(t *testing.T) {
	t.Setenv("CHEVAL_HOME", t.TempDir())
	table := filepath.Join(t.TempDir(), "a.csv")
	if err := os.WriteFile(table, []byte("Alpha,Beta\nSpoon,2.50\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	code, out, stderr := command(t, Program{}, "catalog", "import", table, "--map", "Alpha=title", "--map", "Beta=price", "--currency", "eur", "--json")
	if code != 0 || !strings.Contains(out, `"products":1,"variants":1`) {
		t.Fatalf("exit %d, %s %s", code, out, stderr)
	}
	if code, out, _ = command(t, Program{}, "catalog", "list", "--json"); code != 0 || !strings.Contains(out, `{"minor":250,"currency":"EUR"}`) {
		t.Errorf("the list is %d %s", code, out)
	}
}
